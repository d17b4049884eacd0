"""Addresses of the API of the figures."""

from django.urls import path

from assessment import api

urlpatterns = [
    path("figures/", api.FiguresView.as_view(), name="api-figures"),
    path("figures/stages/", api.StagesView.as_view(), name="api-figures-stages"),
    path("figures/<slug:key>/rows/", api.FigureRowsView.as_view(), name="api-figures-rows"),
]
