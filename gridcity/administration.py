"""Django's administration as this product serves it: one door, a strict policy, its own order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from csp.constants import NONCE
from csp.decorators import csp_update
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from gridcity.contracts import Forbidden

View = Callable[..., HttpResponseBase]


class AdministrationSite(admin.AdminSite):
    """For administrators only. Map widgets write inline scripts, so its pages carry a nonce."""

    site_title = _("Gridcity administration")
    site_header = _("Gridcity administration")
    index_title = _("Administration")
    # What is edited most comes first; what other packages bring stands with the users.
    app_order = ("gridcity", "assessment", "dispatch", "parts", "cases")
    guests = ("axes", "admin")

    def admin_view(self, view: View, cacheable: bool = False) -> Any:
        return csp_update({"script-src": [NONCE]})(super().admin_view(view, cacheable))

    @method_decorator(login_not_required)
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The one login page of the product, with its locks; no second one here."""
        if request.user.is_authenticated:
            raise Forbidden(_("Only administrators may enter the administration."))
        return redirect_to_login(request.GET.get("next") or "/admin/", settings.LOGIN_URL)

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = super().get_app_list(request, app_label)
        if app_label is not None:
            return listed
        apps = {app["app_label"]: app for app in listed}
        for guest in self.guests:
            if guest in apps:
                apps["gridcity"]["models"] += apps.pop(guest)["models"]
        order = {label: place for place, label in enumerate(self.app_order)}
        return sorted(apps.values(), key=lambda app: order.get(app["app_label"], len(order)))

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """With what an administrator has to look at today."""
        from gridcity.attention import things_to_see

        return super().index(request, {"attention": things_to_see(), **(extra_context or {})})
