from django.apps import AppConfig


class PartsConfig(AppConfig):
    name = "parts"
    verbose_name = "Parts"
    default_auto_field = "django.db.models.BigAutoField"
