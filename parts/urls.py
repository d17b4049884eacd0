"""Addresses of the district's pages and of the map's feeds; the API's are in parts/api_urls.py."""

from django.urls import include, path, re_path

from parts.views import (
    catalogue,
    censuses,
    crosswalk,
    edition_comparison,
    feeds,
    field,
    grid,
    imports,
    part_changes,
    patrols,
    places,
    proposals,
    register,
    schemes,
    standard_edit,
    standards,
    tiles,
)

app_name = "parts"

CODE = r"(?P<code>[0-9]{16,17})"

# Grouped by the first word of the address: what begins otherwise is not looked through.
district_urls = [
    # the catalogue, its crosswalk and its schemes
    path("catalogue/", catalogue.catalogue, name="catalogue"),
    path("catalogue/classes/<int:class_id>/", catalogue.one_class, name="class"),
    path("catalogue/crosswalk/", crosswalk.crosswalk, name="crosswalk"),
    path("catalogue/crosswalk/propose/", crosswalk.propose, name="crosswalk-propose"),
    path("catalogue/crosswalk/decide/", crosswalk.decide, name="crosswalk-decide"),
    path("catalogue/crosswalk/name/", crosswalk.name, name="crosswalk-name"),
    path("catalogue/schemes/", schemes.schemes, name="schemes"),
    path("catalogue/schemes/<str:key>/switch/", schemes.switch, name="scheme-switch"),
    path("catalogue/schemes/<str:key>/add/", catalogue.add_class, name="class-add"),
    # standards of filing and handling
    path("standards/", standards.standards, name="standards"),
    path("standards/xlsx/", standards.workbook, name="standards-xlsx"),
    path("standards/pdf/", standards.pdf, name="standards-pdf"),
    path("standards/add/<int:class_id>/", standard_edit.add, name="standard-add"),
    path("standards/<int:standard_id>/", standard_edit.edit, name="standard"),
    path("standards/adopt/", standard_edit.adopt, name="standards-adopt"),
    path("standards/table/", standard_edit.take_table, name="standards-table"),
    path(
        "standards/table/<int:job_id>/commit/",
        standard_edit.commit_table,
        name="standards-commit",
    ),
    # responsibility grids
    path("patrols/", patrols.patrols, name="patrols"),
    path("patrols/cells/", patrols.patrol_cells, name="patrol-cells"),
    path("patrols/change/", patrols.change, name="patrols-change"),
    path("patrols/shifts/", patrols.shifts, name="shifts"),
    path("places/", places.places, name="places"),
    path("places/new/", places.new, name="place-new"),
    path("places/import/", places.import_places, name="place-import"),
    path("places/import/sample.csv", places.sample, name="place-sample"),
    path("places/import/<int:job_id>/", places.apply_import, name="place-import-apply"),
    path("places/<int:place_id>/", places.change, name="place"),
    path("places/<int:place_id>/end/", places.end, name="place-end"),
    # ---- the register of parts
    path("parts/", register.register, name="register"),
    path("parts/map/", register.register_map, name="register-map"),
    path("parts/export/", register.export, name="register-export"),
    path("parts/tags/", register.tags, name="register-tags"),
    path("parts/new/", part_changes.new, name="part-new"),
    re_path(rf"^parts/{CODE}/$", register.part, name="part"),
    re_path(rf"^parts/{CODE}/change/$", part_changes.change, name="part-change"),
    # the unit grid in editions
    path("grid/", grid.editions, name="editions"),
    path("grid/then/", grid.then, name="grid-then"),
    path("grid/compare/", edition_comparison.compare, name="edition-compare"),
    path("grid/compare/shapes/", edition_comparison.shapes, name="edition-compare-shapes"),
    path("grid/<int:edition_id>/", grid.edition, name="edition"),
    path("grid/<int:edition_id>/import/", grid.import_file, name="edition-import"),
    path("grid/<int:edition_id>/divide/", grid.divide, name="edition-divide"),
    path("grid/<int:edition_id>/check/", grid.check, name="edition-check"),
    path("grid/<int:edition_id>/publish/", grid.publish, name="edition-publish"),
    path("grid/<int:edition_id>/discard/", grid.discard, name="edition-discard"),
    path("grid/<int:edition_id>/area/", grid.area, name="edition-area"),
    path("grid/<int:edition_id>/findings/", grid.findings, name="edition-findings"),
    path("grid/<int:edition_id>/shapes/", grid.shapes, name="edition-shapes"),
    # imports of registers
    path("imports/", imports.imports, name="imports"),
    path("imports/<int:import_id>/", imports.one_import, name="import"),
    path("imports/<int:import_id>/check/", imports.check, name="import-check"),
    path("imports/<int:import_id>/confirm/", imports.confirm, name="import-confirm"),
    path("imports/<int:import_id>/file/", imports.import_file, name="import-file"),
    # ---- field updates
    path("proposals/", proposals.proposals, name="proposals"),
    path("proposals/<int:proposal_id>/", proposals.proposal, name="proposal"),
    path("proposals/photos/<int:photo_id>/", proposals.photo, name="proposal-photo"),
    path(
        "proposals/photos/<int:photo_id>/small/",
        proposals.photo,
        {"small": True},
        name="proposal-thumbnail",
    ),
    # ---- census
    path("censuses/", censuses.censuses, name="censuses"),
    path("censuses/new/", censuses.new, name="census-new"),
    path("censuses/<int:census_id>/", censuses.census, name="census"),
    path("censuses/<int:census_id>/again/", censuses.again, name="census-again"),
    path("censuses/<int:census_id>/discard/", censuses.discard, name="census-discard"),
    path("censuses/<int:census_id>/close/", censuses.close, name="census-close"),
]
patrol_urls = [
    path("parts/", field.field, name="field"),
    path("parts/nearby/", field.nearby, name="field-nearby"),
    path("parts/new/", field.field_new, name="field-new"),
    path("parts/mine/", field.field_mine, name="field-mine"),
    path("parts/propose/", field.send, name="propose"),
    path(
        "parts/proposals/<int:proposal_id>/withdraw/",
        field.withdraw,
        name="proposal-withdraw",
    ),
    re_path(rf"^parts/{CODE}/$", field.field_part, name="field-part"),
    path("census/<int:census_cell_id>/", censuses.walk, name="census-walk"),
    path("census/<int:census_cell_id>/end/", censuses.end, name="census-end"),
    path("census/tick/<int:census_part_id>/", censuses.tick_part, name="census-tick"),
]
urlpatterns = [
    path("map/district/", feeds.district, name="map-district"),
    path("map/streets/", feeds.streets, name="map-streets"),
    path("map/roads/", feeds.roads, name="map-roads"),
    path("map/cells/", feeds.cells, name="map-cells"),
    path("map/versions/", tiles.versions, name="map-versions"),
    path("map/counts/", tiles.counts, name="map-counts"),
    path("map/base.pmtiles", tiles.base_map, name="map-base"),
    path("tiles/<slug:layer>/<int:z>/<int:x>/<int:y>.mvt", tiles.tile, name="tile"),
    re_path(rf"^p/{CODE}/$", register.tag, name="tag"),
    path("district/", include(district_urls)),
    path("patrol/", include(patrol_urls)),
]
