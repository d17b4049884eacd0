"""Addresses of the figures."""

from django.urls import path

from assessment.views import figures, ledgers

app_name = "assessment"

urlpatterns = [
    path("dashboard/", figures.dashboard, name="dashboard"),
    path("dashboard/list/", figures.figure_list, name="list"),
    path("dashboard/indicators/", figures.indicators, name="indicators"),
    path("ledgers/", ledgers.ledgers, name="ledgers"),
    path("ledgers/<slug:key>/", ledgers.ledger_list, name="ledger"),
    path("map/cells/open/", figures.cells_open, name="cells-open"),
]
