from django.apps import AppConfig, apps
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class GridcityConfig(AppConfig):
    name = "gridcity"
    verbose_name = _("Users and logins")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gridcity import checks  # noqa: F401  registers the system checks

        apps.get_app_config("axes").verbose_name = _("Failed logins")


class AdministrationConfig(admin_apps.AdminConfig):
    """Stands for `django.contrib.admin` in INSTALLED_APPS: all apps register on our site."""

    default = False
    default_site = "gridcity.administration.AdministrationSite"
