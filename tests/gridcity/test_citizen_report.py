"""A citizen reports without an account; he gets a code of his own and learns of nobody else's."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest

from cases.models import Case
from cases.services.history import first_broken
from tests.district import point
from tests.photos import upload

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _opened(settings):
    settings.PUBLIC_REPORTS = True


def said(district, **more):
    entry = district.classes["rubbish"]
    lon, lat = point(1, 1)
    return {
        "key": str(uuid4()), "what": f"event:{entry.code}", "lon": lon, "lat": lat,
        "placed_by": "manual", "address": "路口东侧", "words": "一堆垃圾", "phone": "13900000000",
    } | more  # fmt: skip


def test_a_report_becomes_a_case_with_a_receipt_that_opens_it(district, clock, browser_client):
    assert browser_client.get("/report/").status_code == 200
    form = said(district, photos=[upload()])
    answer = browser_client.post("/report/", form)
    assert answer.status_code == 201
    page = answer.content.decode()
    case = Case.objects.get()
    code = re.search(r"gc-public-code\">(\S{4} \S{4})<", page)[1].replace(" ", "")
    assert case.number in page
    assert (case.source, case.state, case.photos.count()) == ("PUBLIC", "REPORTED", 1)
    assert (case.reporters.get().phone, case.reporters.get().may_call) == ("13900000000", True)
    assert first_broken(case) is None
    followed = browser_client.post("/follow/", {"number": case.number, "code": code})
    assert followed.status_code == 200
    again = browser_client.post("/report/", form | {"photos": [upload()]})
    assert (again.status_code, Case.objects.count()) == (201, 1)
    assert code == re.search(r"gc-public-code\">(\S{4} \S{4})<", again.content.decode())[1].replace(
        " ", ""
    )
