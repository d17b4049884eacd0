from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PartsConfig(AppConfig):
    name = "parts"
    verbose_name = _("District, grid and parts")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from parts import grid_jobs, import_jobs, place_job, register_jobs, standards_job

        grid_jobs.register()
        import_jobs.register_kinds()
        place_job.register()
        register_jobs.register_kinds()
        standards_job.register()
