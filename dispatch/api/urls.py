"""Addresses of the API of cases, under /api/v1/."""

from __future__ import annotations

from django.urls import path, register_converter

from dispatch.actions import ACTIONS, ANSWERS
from dispatch.api.actions import UnknownActionView, view_of
from dispatch.api.cases import CaseDetailView, CasesView
from dispatch.api.departments import DepartmentsView
from dispatch.api.requests import AskView, RequestsView, UnknownAnswerView, answer_view


class NumberConverter:
    """A case number: digits only, so that nothing else reaches the database."""

    regex = "[0-9]{1,17}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class IdConverter(NumberConverter):
    """The id of a row, within what the database can hold."""

    regex = "[0-9]{1,18}"

    def to_python(self, value: str) -> int:  # type: ignore[override]
        return int(value)

    def to_url(self, value: int | str) -> str:
        return str(value)


register_converter(NumberConverter, "case_number")
register_converter(IdConverter, "row_id")

CASE = "cases/<case_number:number>"

urlpatterns = [
    path("departments/", DepartmentsView.as_view(), name="departments"),
    path("requests/", RequestsView.as_view(), name="requests"),
    path("cases/", CasesView.as_view(), name="cases"),
    path(f"{CASE}/", CaseDetailView.as_view(), name="case"),
    path(f"{CASE}/requests/", AskView.as_view(), name="ask"),
    *(path(f"{CASE}/requests/<row_id:request_id>/{name}/", answer_view(name)) for name in ANSWERS),
    path(f"{CASE}/requests/<row_id:request_id>/<slug:answer_name>/", UnknownAnswerView.as_view()),
    *(path(f"{CASE}/{name}/", view_of(name), name=f"case-{name}") for name in ACTIONS),
    path(f"{CASE}/<slug:action>/", UnknownActionView.as_view()),
]
