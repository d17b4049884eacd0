"""Addresses of the API of the district."""

from django.urls import path

from parts import api, place_api

urlpatterns = [
    path("locate/", api.LocateView.as_view(), name="api-locate"),
    path("geocode/", place_api.GeocodeView.as_view(), name="api-geocode"),
    path("reverse/", place_api.ReverseView.as_view(), name="api-reverse"),
    path("catalogue/", api.CatalogueView.as_view(), name="api-catalogue"),
    path(
        "classes/<slug:kind>/<slug:class_code>/standards/",
        api.StandardsView.as_view(),
        name="api-standards",
    ),
]
