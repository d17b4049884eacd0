"""Personal values go half a year after the end; the chain and the case stay (domain law §11)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from cases.models import Case, ClockNumber, Rating, Reporter
from cases.selectors.settings import forget
from cases.services.ending import issue_query_code, rate_case
from cases.services.history import broken_links
from cases.services.merging import merge_case
from cases.services.purging import purge_batch, purge_due, purge_on_demand
from cases.services.reporting import ReporterInput
from dispatch.services.forcing import force_close_case
from gridcity.contracts import Actor, Role

PERSON = ReporterInput("王小明", "13800001111", True)
ACCEPTOR = Actor(None, "acceptor", frozenset({Role.ACCEPTOR}))


@pytest.fixture
def called(make_case):
    """`called("NOT_ACCEPTED")`: a case of a caller, in a state."""
    return lambda state, **said: make_case(
        state, by="acceptor-1", source="LEADER", reporter=PERSON, **said
    )


def named() -> list[str]:
    """Numbers of the cases whose reporters are still known."""
    rows = Reporter.objects.exclude(name="", phone="", salt=b"")
    return sorted(rows.values_list("case__number", flat=True))


def test_only_what_ended_longer_ago_is_purged_and_the_chain_stays_whole(called, at):
    old, open_one = called("CLOSED"), called("HANDLING")
    recent = called("NOT_ACCEPTED", reported_at=at(on="2026-07-01"))

    assert purge_due(at=at(on="2026-12-10")) == 1
    assert named() == sorted([open_one.number, recent.number])
    gone = old.reporters.get()
    assert (gone.name, gone.phone, bytes(gone.salt), gone.user) == ("", "", b"", None)
    assert gone.purged_at == at(on="2026-12-10")
    assert list(broken_links()) == []
    assert purge_due(at=at(on="2026-12-10")) == 0


def test_the_term_is_a_setting(called, at):
    called("CLOSED")
    ClockNumber.objects.create(key="purge.days", value=10, valid_from=at())
    forget()
    assert purge_due(at=at(on="2026-06-15")) == 0
    assert purge_due(at=at(on="2026-06-21")) == 1


def test_a_merged_case_keeps_its_reporter_while_its_leading_case_is_open(called, district, at):
    lead, member = called("HANDLING"), called("REPORTED")
    merge_case(
        number=member.number, actor=district.actor("acceptor-1"), at=at("12:00"),
        version=Case.objects.get(pk=member.pk).version, leading=lead.number, reason="同一问题",
    )  # fmt: skip
    late = at("12:00") + timedelta(days=400)

    assert purge_batch(at=late, ended_before=late) == 0


def test_the_command_says_how_many_and_takes_no_nonsense(called, capsys):
    called("NOT_ACCEPTED")
    call_command("purge_personal_data", "--days", "0")
    assert "1 reporters purged" in capsys.readouterr().out
    assert named() == []
    with pytest.raises(CommandError):
        call_command("purge_personal_data", "--days", "-1")


def test_on_demand_he_is_forgotten_in_the_case_that_goes_on_with_his_matter_too(
    called, district, at
):
    first, other = called("HANDLING"), called("HANDLING")
    for case in (first, other):
        force_close_case(
            number=case.number, actor=district.actor("duty-chief-1"), at=at("12:00"),
            reason="久拖不决", successor=True,
        )  # fmt: skip
    following = Case.objects.get(root_id=first.pk)
    assert purge_on_demand(at=at("13:00"), number=following.number) == 2
    theirs = Case.objects.get(root_id=other.pk)
    assert named() == sorted([other.number, theirs.number])
    assert not Reporter.objects.filter(case__in=(first, following)).exclude(salt=b"").exists()
    assert list(broken_links()) == []


def test_on_demand_one_case_forgets_its_reporter_and_the_words_of_his_rating(called, at, capsys):
    asked, other = called("CLOSED"), called("HANDLING")
    code = issue_query_code(
        number=asked.number, reporter_id=asked.reporters.get().pk, actor=ACCEPTOR,
        at=at(on="2026-06-11"),
    )  # fmt: skip
    rate_case(
        number=asked.number, query_code=code, degree="good", at=at(on="2026-06-11"),
        words="我是王小明，谢谢",
    )  # fmt: skip
    call_command("purge_personal_data", "--case", asked.number)
    assert f"{asked.number}: 1 reporters purged" in capsys.readouterr().out
    assert named() == [other.number]
    rating = Rating.objects.get()
    assert (rating.degree, rating.words) == ("good", "")
    assert list(broken_links()) == []
    with pytest.raises(CommandError, match="there is no case"):
        call_command("purge_personal_data", "--case", "11010120260099999")


def test_the_history_says_who_was_forgotten_by_whom_and_when(called, at):
    case, late = called("CLOSED"), at(on="2026-12-10")
    reporter, version = case.reporters.get(), case.version
    purge_due(at=late)
    event = case.events.get(action="purge_personal_data")
    assert (event.role, event.actor, event.at) == ("clock", None, late)
    assert event.changes == {"reporter_ids": [reporter.pk]}
    case.refresh_from_db()
    assert (case.version, case.state) == (version, "CLOSED"), "nobody's page is out of date by it"
    purge_on_demand(at=late, number=case.number)
    assert case.events.filter(action="purge_personal_data").count() == 1, "nobody was left"
