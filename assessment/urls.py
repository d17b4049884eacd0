"""Addresses of the figures."""

from django.urls import path, re_path

from assessment.views import cells, figures, ledgers

app_name = "assessment"

urlpatterns = [
    path("dashboard/", figures.dashboard, name="dashboard"),
    path("dashboard/list/", figures.figure_list, name="list"),
    path("dashboard/indicators/", figures.indicators, name="indicators"),
    path("ledgers/", ledgers.ledgers, name="ledgers"),
    path("ledgers/<slug:key>/", ledgers.ledger_list, name="ledger"),
    re_path(r"^district/cells/(?P<code>[0-9]{15})/$", cells.cell, name="cell"),
    path("map/cells/open/", figures.cells_open, name="cells-open"),
]
