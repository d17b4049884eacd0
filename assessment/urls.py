"""Addresses of the figures."""

from django.urls import path, re_path

from assessment.views import (
    cells,
    figures,
    inspections,
    ledgers,
    schemes,
    scores,
    stages,
    trials,
)

app_name = "assessment"

urlpatterns = [
    path("dashboard/", figures.dashboard, name="dashboard"),
    path("dashboard/list/", figures.figure_list, name="list"),
    path("dashboard/indicators/", figures.indicators, name="indicators"),
    path("dashboard/stages/", stages.stages, name="stages"),
    path("ledgers/", ledgers.ledgers, name="ledgers"),
    path("ledgers/<slug:key>/", ledgers.ledger_list, name="ledger"),
    path("scores/", scores.snapshots, name="scores"),
    path("scores/<int:pk>/", scores.ranking, name="ranking"),
    path("scores/<int:pk>/replay/", scores.replay, name="replay"),
    path("scores/<int:pk>/publish/", scores.publish, name="publish"),
    path("scores/<int:pk>/correct/", scores.correct, name="correct"),
    path("scores/<int:pk>/<str:key>/", scores.explained, name="explained"),
    path("schemes/", schemes.schemes, name="schemes"),
    path("schemes/new/", schemes.new, name="scheme-new"),
    path("schemes/<int:pk>/", schemes.scheme, name="scheme"),
    path("schemes/<int:pk>/edit/", schemes.edit, name="scheme-edit"),
    path("schemes/<int:pk>/check/", schemes.check, name="scheme-check"),
    path("schemes/<int:pk>/act/", schemes.act, name="scheme-act"),
    path("schemes/<int:pk>/comment/", schemes.comment, name="scheme-comment"),
    path("schemes/<int:pk>/try/", trials.trial, name="scheme-try"),
    path("schemes/<int:pk>/try/keep/", trials.keep, name="scheme-keep"),
    path("schemes/<int:pk>/try/<str:key>/", trials.trial_row, name="scheme-try-row"),
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
