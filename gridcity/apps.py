from django.apps import AppConfig


class GridcityConfig(AppConfig):
    name = "gridcity"
    verbose_name = "Gridcity"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gridcity import checks  # noqa: F401  registers the system checks
