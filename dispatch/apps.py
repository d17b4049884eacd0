from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DispatchConfig(AppConfig):
    name = "dispatch"
    verbose_name = _("Departments and routing")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dispatch import dry_run_job
        from dispatch.services.following import follow_edition
        from parts.services.grid.following import register_follower

        register_follower("rules", follow_edition)
        dry_run_job.register()
