"""Addresses of the map's feeds; those of the API stand in parts/api_urls.py."""

from django.urls import path

from parts.views import feeds, tiles

app_name = "parts"

urlpatterns = [
    path("map/district/", feeds.district, name="map-district"),
    path("map/streets/", feeds.streets, name="map-streets"),
    path("map/roads/", feeds.roads, name="map-roads"),
    path("map/cells/", feeds.cells, name="map-cells"),
    path("map/versions/", tiles.versions, name="map-versions"),
    path("map/counts/", tiles.counts, name="map-counts"),
    path("tiles/<slug:layer>/<int:z>/<int:x>/<int:y>.mvt", tiles.tile, name="tile"),
]
