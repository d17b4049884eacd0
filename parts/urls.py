"""Addresses of the map's feeds; those of the API stand in parts/api_urls.py."""

from django.urls import path

from parts import views

app_name = "parts"

urlpatterns = [
    path("map/district/", views.district, name="map-district"),
    path("map/streets/", views.streets, name="map-streets"),
    path("map/roads/", views.roads, name="map-roads"),
    path("map/cells/", views.cells, name="map-cells"),
    path("map/parts/", views.parts, name="map-parts"),
]
