"""Addresses of Open311; the format stands at their end, as `.json` or `.xml`."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, re_path

from gridcity.open311 import views

app_name = "open311"


def _at(pattern: str, view: Any, name: str) -> URLPattern:
    found: URLPattern = re_path(rf"^v2/{pattern}\.(?P<format>json|xml)$", view.as_view(), name=name)
    return found


urlpatterns = [
    _at("discovery", views.DiscoveryView, "discovery"),
    _at("services", views.ServicesView, "services"),
    _at("services/(?P<code>[^/]+)", views.ServiceView, "service"),
    _at("requests", views.RequestsView, "requests"),
    _at("requests/(?P<number>[0-9]{1,24})", views.RequestView, "request"),
    _at("tokens/(?P<token>[^/]+)", views.TokenView, "token"),
    re_path(r"^v2/", views.UnknownView.as_view(), name="root"),
    re_path(r"^", views.UnknownView.as_view()),
]
