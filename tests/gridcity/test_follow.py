"""A citizen follows his report by number and code, and rates it; nobody else learns anything."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from cases.models import Delivery, Rating
from cases.models.notice import NoticeKind
from cases.services.ending import issue_query_code
from cases.services.history import first_broken
from cases.services.merging import merge_case
from cases.services.reporting import ReporterInput
from cases.workflow import State
from gridcity.contracts import Forbidden
from tests.district import at
from tests.factories import start
from tests.photos import upload

pytestmark = pytest.mark.django_db

WHO = ReporterInput(name="王小明", phone="13900000000", may_call=True)


@pytest.fixture
def closed(district, clock):
    walk = start(
        district=district, state=State.CLOSED, by="acceptor-1", source="LEADER", reporter=WHO
    )
    clock.now = walk.now + timedelta(hours=1)
    return walk


def code_of(walk):
    reporter = walk.case.reporters.get()
    return issue_query_code(
        number=walk.number, reporter_id=reporter.pk, actor=walk.actor("acceptor-1"), at=walk.now
    )


def told(response):
    return unescape(response.content.decode())


def follow(client, number, code, status=200):
    response = client.post("/follow/", {"number": number, "code": code})
    assert response.status_code == status
    return told(response)


def test_the_acceptor_gives_a_code_that_is_told_once(closed, district, browser_client):
    browser_client.enter(district.user("acceptor-1"))
    reporter = closed.case.reporters.get()
    path = f"/cases/{closed.number}/reporters/{reporter.pk}/code/"
    assert path in told(browser_client.get(f"/cases/{closed.number}/"))
    codes = []
    for _again in range(2):
        page = browser_client.post(path)
        codes.append(re.search(r"gc-big-code\">(\S{4} \S{4})<", told(page))[1])
    assert "no-store" in page["Cache-Control"]
    browser_client.logout()
    follow(browser_client, closed.number, codes[0], 404)
    follow(browser_client, closed.number, codes[1].lower())
    browser_client.enter(district.user("duty-chief-1"))
    assert path not in told(browser_client.get(f"/cases/{closed.number}/"))
    assert browser_client.post(path).status_code == 403
    with pytest.raises(Forbidden):
        issue_query_code(
            number=closed.number, reporter_id=reporter.pk, actor=district.actor("official-1"),
            at=closed.now,
        )  # fmt: skip
    given = closed.case.events.filter(action="give_code")
    assert [event.actor for event in given] == [district.user("acceptor-1")] * 2
    assert not any(code.replace(" ", "") in str(event.changes) for event in given for code in codes)
    assert first_broken(closed.case) is None


def test_the_way_is_told_in_plain_words_without_persons_and_offices(closed, browser_client):
    assert 'name="code"' in told(browser_client.get("/follow/"))
    page = follow(browser_client, f" {closed.number[:6]} {closed.number[6:]} ", code_of(closed))
    for words in ("您的反映已收到", "已立案", "责任单位", "现场核查", "已结案"):
        assert words in page
    names = [user.full_name for user in closed.district.users.values()]
    for secret in (*names, "环卫中心", WHO.name, WHO.phone, closed.case.description):
        assert secret not in page
    assert page.index("已结案") < page.index("您的反映已收到"), "the latest first"


def test_he_rates_once_and_in_time(closed, browser_client, clock):
    key = {"number": closed.number, "code": code_of(closed)}
    for degree in ("", "gold"):
        refused = browser_client.post("/follow/rate/", key | {"degree": degree, "words": "还可以"})
        assert refused.status_code == 400
        assert "还可以" in told(refused), "what was typed is still there"
    assert browser_client.post("/follow/rate/", key | {"degree": "good"}).status_code == 200
    assert Rating.objects.get().degree == "good"
    page = follow(browser_client, **key)
    assert "满意" in page
    assert 'name="degree"' not in page
    assert browser_client.post("/follow/rate/", key | {"degree": "poor"}).status_code == 409


def test_after_thirty_days_the_form_is_gone(closed, browser_client, clock):
    code = code_of(closed)
    clock.now = closed.case.ended_at + timedelta(days=30)
    assert 'name="degree"' in follow(browser_client, closed.number, code)
    clock.now += timedelta(seconds=1)
    assert 'name="degree"' not in follow(browser_client, closed.number, code)
    late = browser_client.post(
        "/follow/rate/", {"number": closed.number, "code": code, "degree": "good"}
    )
    assert late.status_code == 409
    assert not Rating.objects.exists()


def test_a_case_under_way_is_followed_and_not_rated(district, clock, browser_client):
    walk = start(
        district=district, state=State.HANDLING, by="acceptor-1", source="LEADER", reporter=WHO
    )
    clock.now = walk.now
    page = follow(browser_client, walk.number, code_of(walk))
    assert 'name="degree"' not in page


def test_a_merged_report_goes_on_with_the_case_that_leads_it(district, clock, browser_client):
    lead = start(district=district, state=State.TO_FILE)
    member = start(district=district, by="acceptor-1", source="HOTLINE", reporter=WHO)
    member.now = lead.now = max(member.now, lead.now) + timedelta(minutes=1)
    merge_case(
        number=member.number, actor=member.actor("acceptor-1"), at=member.now,
        version=member.case.version, leading=lead.number, reason="同一处垃圾",
    )  # fmt: skip
    for step in ("file", "dispatch", "finish", "send_check", "check_passed", "close"):
        lead.step(step)
    clock.now = lead.now
    code = code_of(member)
    page = follow(browser_client, member.number, code)
    assert "合并" in page
    assert "已结案" in page
    assert lead.number not in page
    rated = browser_client.post(
        "/follow/rate/", {"number": member.number, "code": code, "degree": "fair"}
    )
    assert rated.status_code == 200
    assert Rating.objects.get().case == lead.case


@pytest.fixture
def under_way(district, clock):
    walk = start(
        district=district, state=State.HANDLING, by="acceptor-1", source="LEADER", reporter=WHO
    )
    clock.now = walk.now
    return walk


def test_he_adds_words_and_photos_while_it_is_under_way(under_way, district, browser_client):
    key = {"number": under_way.number, "code": code_of(under_way)}
    assert 'name="photos"' in follow(browser_client, **key)
    version = under_way.case.version
    said = key | {"description": "又多了一堆", "photos": [upload(), upload(shade=9)]}
    answer = browser_client.post("/follow/supplement/", said)
    assert answer.status_code == 200
    assert "已补充到您的反映中" in told(answer)
    event = under_way.case.events.get(action="supplement")
    assert (event.role, event.actor, event.changes["words"]) == ("citizen", None, "又多了一堆")
    assert under_way.case.photos.filter(event=event, uploaded_by=None).count() == 2
    assert (under_way.case.version, under_way.case.state) == (version, State.HANDLING)
    browser_client.enter(district.user("department-s201"))
    page = told(browser_client.get(f"/cases/{under_way.number}/"))
    assert "又多了一堆" in page
    assert "市民" in page


def test_what_cannot_be_added_is_said_and_kept(under_way, browser_client):
    key = {"number": under_way.number, "code": code_of(under_way)}
    empty = browser_client.post("/follow/supplement/", key)
    assert empty.status_code == 400
    no_photo = SimpleUploadedFile("a.jpg", b"no photo", "image/jpeg")
    said = key | {"description": "又多了一堆", "photos": no_photo}
    refused = browser_client.post("/follow/supplement/", said)
    assert refused.status_code == 400
    assert "又多了一堆" in told(refused)
    wrong = browser_client.post("/follow/supplement/", said | {"code": "A" * 8})
    assert wrong.status_code == 404
    assert not under_way.case.events.filter(action="supplement").exists()


def test_ten_times_a_day_is_enough(under_way, browser_client, clock):
    said = {"number": under_way.number, "code": code_of(under_way), "description": "还有"}
    for _again in range(10):
        assert browser_client.post("/follow/supplement/", said).status_code == 200
    assert browser_client.post("/follow/supplement/", said).status_code == 409
    clock.move(days=1)
    assert browser_client.post("/follow/supplement/", said).status_code == 200


def test_after_the_end_nothing_is_added(closed, browser_client):
    key = {"number": closed.number, "code": code_of(closed)}
    assert 'name="photos"' not in follow(browser_client, **key)
    late = browser_client.post("/follow/supplement/", key | {"description": "还有"})
    assert late.status_code == 409
    assert not closed.case.events.filter(action="supplement").exists()


def test_what_is_added_to_a_merged_report_goes_to_the_case_that_leads_it(
    district, clock, browser_client
):
    lead = start(district=district, state=State.TO_FILE)
    member = start(district=district, by="acceptor-1", source="HOTLINE", reporter=WHO)
    member.now = max(member.now, lead.now) + timedelta(minutes=1)
    merge_case(
        number=member.number, actor=member.actor("acceptor-1"), at=member.now,
        version=member.case.version, leading=lead.number, reason="同一处垃圾",
    )  # fmt: skip
    clock.now = member.now
    said = {"number": member.number, "code": code_of(member), "description": "还有"}
    answer = browser_client.post("/follow/supplement/", said)
    assert answer.status_code == 200
    assert lead.number not in told(answer)
    assert lead.case.events.get(action="supplement").changes["words"] == "还有"


@pytest.mark.parametrize("wrong", ["number", "code", "swapped", "nul", "long"])
def test_a_wrong_key_tells_nothing_and_counts_against_its_address(
    closed, browser_client, settings, wrong
):
    settings.LOGIN_FAILURES_PER_ADDRESS = 3
    code = code_of(closed)
    number, secret, status = {
        "number": (str(int(closed.number) + 1), code, 404),
        "code": (closed.number, "A" * 8, 404),
        "swapped": (code, closed.number, 400),
        "nul": (closed.number, "A\0B", 400),
        "long": (closed.number * 3, code, 400),
    }[wrong]
    for _again in range(3):
        page = follow(browser_client, number, secret, status)
        assert closed.case.catalogue_class.name not in page
    after = browser_client.post("/follow/", {"number": closed.number, "code": code})
    assert after.status_code == (429 if status == 404 else 200)


def test_what_was_purged_is_followed_no_more(closed, browser_client):
    from cases.services.purging import purge_on_demand

    code = code_of(closed)
    purge_on_demand(at=at("12:00", on="2026-07-01"), number=closed.number)
    follow(browser_client, closed.number, code, 404)


def merged(district, *people):
    """A leading case, and the walks of others that were merged into it."""
    lead = start(district=district, state=State.TO_FILE)
    members = []
    for who in people:
        member = start(district=district, by="acceptor-1", source="HOTLINE", reporter=who)
        member.now = max(member.now, lead.now) + timedelta(minutes=1)
        merge_case(
            number=member.number, actor=member.actor("acceptor-1"), at=member.now,
            version=member.case.version, leading=lead.number, reason="同一处垃圾",
        )  # fmt: skip
        members.append(member)
    return lead, members


def test_each_reporter_of_a_merged_case_has_ten_additions_of_his_own(
    district, clock, browser_client
):
    other = ReporterInput(name="李明", phone="13900000001", may_call=True)
    _lead, members = merged(district, WHO, other)
    clock.now = members[-1].now
    keys = [{"number": one.number, "code": code_of(one), "description": "还有"} for one in members]
    for _again in range(10):
        assert browser_client.post("/follow/supplement/", keys[0]).status_code == 200
    assert browser_client.post("/follow/supplement/", keys[0]).status_code == 409
    assert browser_client.post("/follow/supplement/", keys[1]).status_code == 200


@pytest.mark.parametrize(
    ("state", "told_to"),
    [
        (State.REPORTED, {"acceptor-1", "acceptor-2"}),
        (State.TO_FILE, {"duty-chief-1", "duty-chief-2", "acceptor-1"}),
        (State.HANDLING, {"department-s201", "department-s201-lead", "acceptor-1"}),
        (State.CHECKING, {"supervisor-1", "acceptor-1"}),
    ],
)
def test_whoever_has_the_case_hears_that_its_citizen_added_to_it(
    district, clock, browser_client, state, told_to
):
    walk = start(district=district, state=state, by="acceptor-1", source="LEADER", reporter=WHO)
    clock.now = walk.now
    said = {"number": walk.number, "code": code_of(walk), "description": "又多了一堆"}
    assert browser_client.post("/follow/supplement/", said).status_code == 200
    told_rows = Delivery.objects.filter(kind=NoticeKind.SUPPLEMENTED, channel="inbox")
    assert {row.receiver.username for row in told_rows} == told_to
    assert told_rows.count() == len(told_to), "each once"
    assert not any("又多了" in str(row.values) for row in told_rows), (
        "its words are on its page only"
    )
