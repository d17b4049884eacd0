"""Addresses of the figures."""

from django.urls import path, re_path

from assessment.views import (
    cells,
    figures,
    guarantees,
    inspections,
    ledgers,
    own,
    public,
    scores,
    screens,
    stages,
)

app_name = "assessment"

urlpatterns = [
    path("dashboard/", figures.dashboard, name="dashboard"),
    path("dashboard/list/", figures.figure_list, name="list"),
    path("dashboard/trends/", screens.trends, name="trends"),
    path("dashboard/rankings/", screens.standings, name="standings"),
    path("dashboard/map/", screens.places, name="places"),
    path("dashboard/map/figures/", screens.places_json, name="places-json"),
    path("dashboard/indicators/", figures.indicators, name="indicators"),
    path("dashboard/stages/", stages.stages, name="stages"),
    path("ledgers/", ledgers.ledgers, name="ledgers"),
    path("ledgers/months/", ledgers.months, name="ledger-months"),
    path("ledgers/<slug:key>/", ledgers.ledger_list, name="ledger"),
    path("scores/", scores.snapshots, name="scores"),
    path("scores/mine/", own.department, name="own-department"),
    path("scores/mine/rows/", own.department_rows, name="own-department-rows"),
    path("scores/own/", own.person, name="own"),
    path("scores/own/rows/", own.person_rows, name="own-rows"),
    path("scores/people/", own.people, name="people"),
    path("scores/people/<int:user_id>/", own.person, name="person"),
    path("scores/people/<int:user_id>/rows/", own.person_rows, name="person-rows"),
    path("scores/<int:pk>/", scores.ranking, name="ranking"),
    path("scores/<int:pk>/publish/", scores.publish, name="publish"),
    path("scores/<int:pk>/correct/", scores.correct, name="correct"),
    path("scores/<int:pk>/comment/", guarantees.comment, name="comment"),
    path("scores/<int:pk>/<str:key>/", scores.explained, name="explained"),
    path("guarantees/", guarantees.guarantees, name="guarantees"),
    path("guarantees/<int:pk>/", guarantees.guarantee, name="guarantee"),
    path("guarantees/<int:pk>/settle/", guarantees.settle, name="settle"),
    path("guarantees/<int:pk>/confirm/", guarantees.confirm, name="settle-confirm"),
    path("ranking/", public.ranking, name="public-ranking"),
    path("ranking/<int:pk>/", public.ranking, name="public-ranking"),
    path("inspections/", inspections.entries, name="inspections"),
    path("inspections/new/", inspections.new, name="inspection-new"),
    path("inspections/<int:pk>/", inspections.entry, name="inspection"),
    path("inspections/<int:pk>/act/", inspections.act, name="inspection-act"),
    path("inspections/photos/<int:pk>/", inspections.photo, name="inspection-photo"),
    path(
        "inspections/photos/<int:pk>/small/",
        inspections.photo,
        {"small": True},
        name="inspection-thumbnail",
    ),
    re_path(r"^district/cells/(?P<code>[0-9]{15})/$", cells.cell, name="cell"),
    path("map/cells/open/", figures.cells_open, name="cells-open"),
]
