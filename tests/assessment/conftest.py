"""Cases of every fate, spread over two months, for the figures to count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection, transaction
from django.test import override_settings

from assessment.services.facts import rebuild_facts
from cases.models import Case, Source
from cases.services.reporting import ReportInput, report_case
from cases.workflow import State
from dispatch.services.checking import fail_check
from dispatch.services.handling import reassign_case, withdraw_finish
from tests.conftest import forget_everything
from tests.district import USER_OF_ROLE, TestDistrict, at, lay_out
from tests.factories import start
from tests.photos import prepared


@dataclass(frozen=True)
class World:
    """The small district with cases of every fate; it is 11:00 on Wednesday 10 June 2026."""

    district: TestDistrict
    fates: dict[str, Case]


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[World]:
    """Built once for all tests of a module, which only read; rolled back after the last."""
    with (
        django_db_blocker.unblock(),
        override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media")),
        transaction.atomic(),
    ):
        forget_everything()
        district = lay_out()
        fates = let_happen(district)
        rebuild_facts()
        yield World(district, fates)
        transaction.set_rollback(True)
    connection.close()


@pytest.fixture
def page(browser_client, district):
    """`page("official", "/dashboard/")`: a page as the user of that role gets it."""

    def get(role, path, status=200):
        browser_client.enter(district.user(USER_OF_ROLE[role]))
        response = browser_client.get(path)
        assert response.status_code == status, response.content[:400]
        return unescape(response.content.decode())

    return get


@pytest.fixture
def fates(world) -> dict[str, Case]:
    """Cases by the name of their fate."""
    return world.fates


def let_happen(district: TestDistrict) -> dict[str, Case]:
    made: dict[str, Case] = {}

    def walk(name, state="REPORTED", day="2026-06-10", hour="08:00", **said):
        walked = start(district=district, state=State(state), reported_at=at(hour, on=day), **said)
        made[name] = walked.case

    walk("reported")
    walk("verifying", "VERIFYING", by="acceptor-1", source="HOTLINE", cell=(0, 0))
    walk("to_file", "TO_FILE", cell=(1, 2))
    walk("to_dispatch_late", "TO_DISPATCH", hour="09:00")
    walk("handling", "HANDLING", hour="10:00", cell=(2, 3))
    walk("handling_overdue", "HANDLING", day="2026-06-08")
    walk("to_check", "TO_CHECK", hour="09:30", entry="illegal_building")
    walk("checking", "CHECKING", hour="09:30", cell=(0, 3))
    walk("to_close", "TO_CLOSE", hour="09:30")
    walk("closed_today", "CLOSED", hour="09:30", cell=(1, 3))
    walk("closed_in_may", "CLOSED", day="2026-05-20", hour="09:30")
    walk("not_accepted", "NOT_ACCEPTED")
    walk("not_filed", "NOT_FILED")
    walk("voided", "VOIDED")
    for happen in (filed_late, finished_late, reworked, reassigned, withdrawn, without_place):
        happen(district, made)
    return made


def filed_late(district, made):
    walked = start(district=district, reported_at=at("08:00"), entry="small_advert")
    walked.step("accept")
    walked.now += timedelta(minutes=40)
    walked.step("file")
    made["filed_late"] = walked.case


def finished_late(district, made):
    """Due on 8 June, finished and closed on 9 June."""
    walked = start(
        district=district, state=State.HANDLING, reported_at=at("08:00", on="2026-06-08")
    )
    walked.now = at("15:00", on="2026-06-09")
    for step in ("finish", "send_check", "check_passed", "close"):
        walked.step(step)
    made["finished_late"] = walked.case


def reworked(district, made):
    walked = start(district=district, state=State.CHECKING, reported_at=at("08:30"))
    walked.now += timedelta(minutes=1)
    fail_check(
        number=walked.number, actor=walked.assignee, at=walked.now, reason="垃圾仍在",
        photos=[prepared("after")],
    )  # fmt: skip
    made["reworked"] = walked.case


def reassigned(district, made):
    walked = start(district=district, state=State.HANDLING, reported_at=at("09:00"))
    reassign_case(
        number=walked.number, actor=district.actor("dispatcher-1"), at=walked.now,
        version=walked.case.version, department="d101", reason="非该单位职责",
    )  # fmt: skip
    made["reassigned"] = walked.case


def withdrawn(district, made):
    walked = start(district=district, state=State.TO_CHECK, reported_at=at("09:15"))
    withdraw_finish(
        number=walked.number, actor=walked.department, at=walked.now,
        version=walked.case.version, reason="照片有误",
    )  # fmt: skip
    made["withdrawn"] = walked.case


def without_place(district, made):
    """A call whose place is words only: it belongs to no street yet."""
    made["without_place"] = report_case(
        actor=district.actor("acceptor-1"),
        at=at("10:30"),
        report=ReportInput(
            kind="event",
            class_code=district.classes["rubbish"].code,
            place_text="菜市口附近",
            description="垃圾成堆",
            source=Source.HOTLINE,
        ),
    )


JULY = at("12:00", on="2026-07-15")


@pytest.fixture
def walked(district, clock):
    """Finished late on the last evening of June and not checked yet; three others are closed.

    It is the middle of July.
    """
    clock.now = JULY
    walk = start(district=district, state=State.HANDLING, reported_at=at("09:00", on="2026-06-29"))
    walk.now = at("20:00", on="2026-06-30")
    walk.step("finish")
    walk.step("send_check")
    for day in ("2026-06-08", "2026-06-09", "2026-06-10"):
        start(district=district, state=State.CLOSED, reported_at=at("09:00", on=day))
    return walk
