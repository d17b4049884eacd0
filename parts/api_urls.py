"""Addresses of the API of the district."""

from django.urls import path

from parts import api

urlpatterns = [
    path("locate/", api.LocateView.as_view(), name="api-locate"),
    path("catalogue/", api.CatalogueView.as_view(), name="api-catalogue"),
    path(
        "classes/<slug:kind>/<slug:class_code>/standards/",
        api.StandardsView.as_view(),
        name="api-standards",
    ),
]
