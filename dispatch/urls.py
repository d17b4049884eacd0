"""Addresses of the desks' pages; the API's stand in dispatch/api/urls.py."""

from __future__ import annotations

from django.urls import path, register_converter

from dispatch.views import (
    act,
    case,
    lists,
    messages,
    misses,
    query_code,
    register,
    requests,
    rule_checks,
    rules,
    sheet,
)
from dispatch.views.photos import PhotoView


class CaseNumber:
    """A case number has seventeen digits; anything else is another page."""

    regex = "[0-9]{17}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(CaseNumber, "case")

app_name = "dispatch"

urlpatterns = [
    path("cases/", lists.queue, name="queue"),
    path("cases/all/", lists.cases, name="cases"),
    path("cases/counts/", lists.counts, name="counts"),
    path("cases/new/", register.register, name="register"),
    path("cases/new/caller/", register.caller, name="caller"),
    path("cases/new/duplicates/", register.duplicates, name="duplicates"),
    path("cases/<case:number>/", case.case, name="case"),
    path("cases/<case:number>/proposal/", case.proposal, name="proposal"),
    path("cases/<case:number>/sheet.pdf", sheet.sheet, name="sheet"),
    path("cases/<case:number>/presence/", case.presence, name="presence"),
    path(
        "cases/<case:number>/reporters/<int:reporter_id>/code/",
        query_code.give,
        name="query-code",
    ),
    path("cases/<case:number>/<slug:action>/", act.act, name="act"),
    path("cases/<case:number>/requests/<int:request_id>/<slug:name>/", act.reply, name="answer"),
    path("requests/", requests.requests, name="requests"),
    path("misses/", misses.misses, name="misses"),
    path("misses/<case:number>/<slug:word>/", misses.answer, name="miss-answer"),
    path("messages/", messages.messages, name="messages"),
    path("messages/read/", messages.read, name="messages-read"),
    path("messages/unread/", messages.unread, name="messages-unread"),
    path("messages/preferences/", messages.preferences, name="preferences"),
    path("routing/", rules.rules, name="rules"),
    path("routing/<int:rule_id>/automatic/", rules.automatic, name="rule-automatic"),
    path("routing/publish/", rules.publish, name="rules-publish"),
    path("routing/coverage/", rule_checks.coverage, name="rules-coverage"),
    path("routing/coverage/cells/", rule_checks.cells, name="rules-cells"),
    path("routing/overlaps/", rules.overlaps, name="rules-overlaps"),
    path("routing/try/", rule_checks.try_one, name="rules-try"),
    path("routing/dry-run/", rule_checks.dry, name="rules-dry-run"),
    path("routing/accuracy/", rules.accuracy, name="rules-accuracy"),
    path("routing/accuracy/dispatches/", rules.dispatches, name="rules-dispatches"),
    path("photos/<int:photo_id>/", PhotoView.as_view(), name="photo"),
    path("photos/<int:photo_id>/thumb/", PhotoView.as_view(thumbnail=True), name="photo-thumbnail"),
]
