"""Addresses of the district's pages and of the map's feeds; the API's are in parts/api_urls.py."""

from django.urls import path, re_path

from parts.views import (
    catalogue,
    crosswalk,
    feeds,
    grid,
    imports,
    part_changes,
    patrols,
    places,
    register,
    schemes,
    standard_edit,
    standards,
    tiles,
)

app_name = "parts"

CODE = r"(?P<code>[0-9]{16,17})"

urlpatterns = [
    path("map/district/", feeds.district, name="map-district"),
    path("map/streets/", feeds.streets, name="map-streets"),
    path("map/roads/", feeds.roads, name="map-roads"),
    path("map/cells/", feeds.cells, name="map-cells"),
    path("map/versions/", tiles.versions, name="map-versions"),
    path("map/counts/", tiles.counts, name="map-counts"),
    path("map/base.pmtiles", tiles.base_map, name="map-base"),
    path("tiles/<slug:layer>/<int:z>/<int:x>/<int:y>.mvt", tiles.tile, name="tile"),
    # the catalogue, its crosswalk and its schemes
    path("district/catalogue/", catalogue.catalogue, name="catalogue"),
    path("district/catalogue/classes/<int:class_id>/", catalogue.one_class, name="class"),
    path("district/catalogue/crosswalk/", crosswalk.crosswalk, name="crosswalk"),
    path("district/catalogue/crosswalk/propose/", crosswalk.propose, name="crosswalk-propose"),
    path("district/catalogue/crosswalk/decide/", crosswalk.decide, name="crosswalk-decide"),
    path("district/catalogue/crosswalk/name/", crosswalk.name, name="crosswalk-name"),
    path("district/catalogue/schemes/", schemes.schemes, name="schemes"),
    path("district/catalogue/schemes/<str:key>/switch/", schemes.switch, name="scheme-switch"),
    path("district/catalogue/schemes/<str:key>/add/", catalogue.add_class, name="class-add"),
    # standards of filing and handling
    path("district/standards/", standards.standards, name="standards"),
    path("district/standards/xlsx/", standards.workbook, name="standards-xlsx"),
    path("district/standards/pdf/", standards.pdf, name="standards-pdf"),
    path("district/standards/add/<int:class_id>/", standard_edit.add, name="standard-add"),
    path("district/standards/<int:standard_id>/", standard_edit.edit, name="standard"),
    path("district/standards/table/", standard_edit.take_table, name="standards-table"),
    path(
        "district/standards/table/<int:job_id>/commit/",
        standard_edit.commit_table,
        name="standards-commit",
    ),
    # responsibility grids
    path("district/patrols/", patrols.patrols, name="patrols"),
    path("district/patrols/cells/", patrols.patrol_cells, name="patrol-cells"),
    path("district/patrols/change/", patrols.change, name="patrols-change"),
    path("district/patrols/shifts/", patrols.shifts, name="shifts"),
    path("district/places/", places.places, name="places"),
    path("district/places/new/", places.new, name="place-new"),
    path("district/places/import/", places.import_places, name="place-import"),
    path("district/places/import/sample.csv", places.sample, name="place-sample"),
    path("district/places/import/<int:job_id>/", places.apply_import, name="place-import-apply"),
    path("district/places/<int:place_id>/", places.change, name="place"),
    path("district/places/<int:place_id>/end/", places.end, name="place-end"),
    # ---- the register of parts
    path("district/parts/", register.register, name="register"),
    path("district/parts/map/", register.register_map, name="register-map"),
    path("district/parts/export/", register.export, name="register-export"),
    path("district/parts/tags/", register.tags, name="register-tags"),
    path("district/parts/new/", part_changes.new, name="part-new"),
    re_path(rf"^district/parts/{CODE}/$", register.part, name="part"),
    re_path(rf"^district/parts/{CODE}/change/$", part_changes.change, name="part-change"),
    re_path(rf"^p/{CODE}/$", register.tag, name="tag"),
    # the unit grid in editions
    path("district/grid/", grid.editions, name="editions"),
    path("district/grid/then/", grid.then, name="grid-then"),
    path("district/grid/<int:edition_id>/", grid.edition, name="edition"),
    path("district/grid/<int:edition_id>/import/", grid.import_file, name="edition-import"),
    path("district/grid/<int:edition_id>/divide/", grid.divide, name="edition-divide"),
    path("district/grid/<int:edition_id>/check/", grid.check, name="edition-check"),
    path("district/grid/<int:edition_id>/publish/", grid.publish, name="edition-publish"),
    path("district/grid/<int:edition_id>/discard/", grid.discard, name="edition-discard"),
    path("district/grid/<int:edition_id>/area/", grid.area, name="edition-area"),
    path("district/grid/<int:edition_id>/findings/", grid.findings, name="edition-findings"),
    path("district/grid/<int:edition_id>/shapes/", grid.shapes, name="edition-shapes"),
    # imports of registers
    path("district/imports/", imports.imports, name="imports"),
    path("district/imports/<int:import_id>/", imports.one_import, name="import"),
    path("district/imports/<int:import_id>/check/", imports.check, name="import-check"),
    path("district/imports/<int:import_id>/confirm/", imports.confirm, name="import-confirm"),
    path("district/imports/<int:import_id>/file/", imports.import_file, name="import-file"),
]
