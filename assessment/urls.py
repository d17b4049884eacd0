"""Addresses of the figures."""

from django.urls import path

from assessment import views

app_name = "assessment"

urlpatterns = [
    path("dashboard/", views.dashboard, name="dashboard"),
    path("dashboard/list/", views.figure_list, name="list"),
    path("dashboard/indicators/", views.indicators, name="indicators"),
    path("map/cells/open/", views.cells_open, name="cells-open"),
]
