from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PartsConfig(AppConfig):
    name = "parts"
    verbose_name = _("District, grid and parts")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from parts import grid_jobs, import_jobs, place_job, register_jobs, standards_job

        for jobs in (grid_jobs, import_jobs, place_job, register_jobs, standards_job):
            jobs.register()
