"""Hand-scored entries: who writes and reads them, what counts when, and what an appeal does."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.core.files.storage import default_storage
from django.db import DatabaseError, transaction
from django.utils import timezone

from assessment.models import EntryPhoto, Scheme, Sheet, SheetItem, SnapshotKind
from assessment.periods import period_named
from assessment.selectors.inspections import hand_points, unread_count, visible_entries
from assessment.services.facts import refresh_facts
from assessment.services.inspections import (
    Found,
    answer_entry,
    appeal_entry,
    mark_read,
    record_entry,
    withdraw_entry,
)
from assessment.services.snapshots import make_snapshot, replay, rows_that_moved
from gridcity.contracts import Forbidden, Invalid, NotAllowed, NotVisible
from tests.district import at
from tests.photos import prepared, upload

pytestmark = pytest.mark.django_db

JUNE_10 = at("10:00")
GRADES = [["A", 90, "优秀"], ["E", 0, "差"]]


@pytest.fixture
def sheet(district) -> Sheet:
    made = Sheet.objects.create(key="street-look", name="市容环境检查", subject="street", full=50)
    SheetItem.objects.create(sheet=made, code="1.1", name="主干道路整洁", most=Decimal(5))
    SheetItem.objects.create(
        sheet=made, code="2.1", name="台账完整", most=Decimal(10), needs_photo=False
    )
    return made


def found(street="110101001", points="2.5", item="2.1", when=JUNE_10, sheet="street-look"):
    return Found(sheet, item, street, points, "沿街有暴露垃圾", when)


def write(district, now=JUNE_10, **said):
    return record_entry(actor=district.actor("duty-chief-1"), at=now, found=found(**said))


def june(as_of=None):
    return period_named("2026-06", as_of or at("12:00", on="2026-07-01"))


def points_of(district, key="street-look", period=None):
    given = hand_points(key, period or june())
    return given.points_of(district.streets["110101001"].pk)


def test_points_are_taken_from_the_full_mark_and_what_was_not_looked_at_has_none(district, sheet):
    assert points_of(district) is None
    write(district, points="0")
    assert points_of(district) == 100, "looked at, nothing found"
    write(district, points="2.5")
    write(district, points="10")
    assert points_of(district) == Decimal("75")
    assert hand_points("street-look", june()).points_of(district.streets["110101002"].pk) is None


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"points": "10.01"}, "points"), ({"points": "-1"}, "points"),
        ({"points": "NaN"}, "points"), ({"points": "viel"}, "points"), ({"item": "9.9"}, "item"),
        ({"street": "999"}, "object_key"),
        ({"when": JUNE_10 + timedelta(minutes=1)}, "found_at"),
        ({"when": JUNE_10 - timedelta(days=8)}, "found_at"), ({"item": "1.1"}, "photos"),
    ],
)  # fmt: skip
def test_a_wrong_entry_is_refused_at_its_field(district, sheet, said, field):
    with pytest.raises(Invalid) as refusal:
        write(district, **said)
    assert field in refusal.value.fields


def test_departments_never_score(district, sheet):
    for name in ("department-d101", "dispatcher-1", "official-1", "supervisor-1"):
        with pytest.raises(Forbidden):
            record_entry(actor=district.actor(name), at=JUNE_10, found=found())


def test_photos_are_kept_re_encoded_and_seen_by_those_who_see_the_entry(
    district, sheet, browser_client
):
    entry = record_entry(
        actor=district.actor("acceptor-1"), at=JUNE_10, found=found(item="1.1"),
        photos=[prepared("other")],
    )  # fmt: skip
    photo = EntryPhoto.objects.get(entry=entry)
    assert default_storage.exists(photo.file.name)
    assert default_storage.exists(photo.thumbnail.name)
    path = f"/inspections/photos/{photo.pk}/"
    seen = browser_client.enter(district.user("department-d101")).get(path)
    assert seen.status_code == 200
    assert b"".join(seen.streaming_content)[:2] == b"\xff\xd8"
    assert browser_client.enter(district.user("department-d102")).get(path).status_code == 404


def test_an_office_sees_what_scores_its_street_and_nobody_elses(district, sheet):
    entry = write(district)
    own, other = district.actor("department-d101"), district.actor("department-d102")
    assert unread_count(own) == 1
    assert unread_count(other) == 0
    assert list(visible_entries(own)) == [entry]
    assert not visible_entries(other)
    mark_read(entry_id=entry.pk, actor=district.actor("official-1"), at=JUNE_10)
    assert unread_count(own) == 1, "another's look is no reading"
    mark_read(entry_id=entry.pk, actor=own, at=JUNE_10)
    mark_read(entry_id=entry.pk, actor=own, at=JUNE_10 + timedelta(hours=1))
    assert unread_count(own) == 0
    with pytest.raises(NotVisible):
        appeal_entry(entry_id=entry.pk, actor=other, at=JUNE_10, words="不是我们")


def test_an_appeal_is_answered_once_and_by_somebody_else(district, sheet):
    entry = write(district)
    own, assessor = district.actor("department-d101"), district.actor("duty-chief-1")
    said = {"entry_id": entry.pk, "at": JUNE_10 + timedelta(days=1)}
    with pytest.raises(NotAllowed):
        answer_entry(**said, actor=district.actor("duty-chief-2"), upheld=True, words="属实")
    with pytest.raises(Invalid):
        appeal_entry(**said, actor=own, words=" ")
    appeal_entry(**said, actor=own, words="当时已清运")
    with pytest.raises(NotAllowed):
        appeal_entry(**said, actor=own, words="再说一次")
    with pytest.raises(Forbidden):
        answer_entry(**said, actor=assessor, upheld=False, words="不成立")
    with pytest.raises(Forbidden):
        answer_entry(**said, actor=own, upheld=True, words="成立")
    answer_entry(**said, actor=district.actor("duty-chief-2"), upheld=True, words="照片属实")
    with pytest.raises(NotAllowed):
        answer_entry(**said, actor=district.actor("duty-chief-2"), upheld=False, words="改主意")
    with pytest.raises(NotAllowed):
        withdraw_entry(**said, actor=assessor, words="撤回")


def test_seven_days_after_the_record_no_appeal_is_possible(district, sheet):
    entry = write(district)
    with pytest.raises(NotAllowed):
        appeal_entry(
            entry_id=entry.pk, actor=district.actor("department-d101"),
            at=JUNE_10 + timedelta(days=7, seconds=1), words="迟到的申诉",
        )  # fmt: skip


def test_what_an_appeal_lifted_counts_before_it_and_never_after(district, sheet):
    entry = write(district)
    own = district.actor("department-d101")
    appeal_entry(entry_id=entry.pk, actor=own, at=JUNE_10 + timedelta(days=1), words="已清运")
    decided = JUNE_10 + timedelta(days=2)
    answer_entry(
        entry_id=entry.pk,
        actor=district.actor("duty-chief-2"),
        at=decided,
        upheld=True,
        words="属实",
    )
    assert points_of(district, period=june(decided - timedelta(seconds=1))) == 95
    assert points_of(district, period=june(decided)) is None


def test_an_entry_recorded_after_the_data_time_belongs_to_no_figure_of_before(district, sheet):
    last = at("23:50", on="2026-06-30")
    write(district, now=last + timedelta(days=2), when=last)
    assert points_of(district) is None
    assert points_of(district, period=june(last + timedelta(days=2))) == 95


def test_the_database_keeps_entries_and_what_a_sheet_does(district, sheet):
    entry = write(district)
    for change in (
        lambda: type(entry).objects.filter(pk=entry.pk).update(points=0),
        lambda: type(entry).objects.filter(pk=entry.pk).delete(),
        lambda: Sheet.objects.filter(pk=sheet.pk).update(full=10),
        sheet.delete,
        lambda: type(entry).objects.create(
            item=entry.item, points=1, found_at=JUNE_10, at=JUNE_10, words="无对象",
            assessor=entry.assessor,
        ),
    ):  # fmt: skip
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_a_snapshot_freezes_the_entries_and_an_upheld_appeal_moves_the_next(district, sheet):
    bonus = Sheet.objects.create(key="street-bonus", name="加分", subject="street", kind="bonus")
    SheetItem.objects.create(sheet=bonus, code="1", name="市级表扬", most=5, needs_photo=False)
    Scheme.objects.create(
        key="long-term", version=1, name="长效考核", subject="street", grades=GRADES,
        valid_from=date(2026, 1, 1), is_active=True, is_shipped=True,
        terms=[
            {"key": "look", "name": "现场检查", "weight": 100, "hand": "street-look"},
            {"key": "bonus", "name": "加分", "weight": 0, "hand": "street-bonus", "adds": 1,
             "most": 3},
        ],
    )  # fmt: skip
    entry = write(district, now=at("10:00", on="2026-06-29"), when=at("09:00", on="2026-06-29"))
    write(district, item="1", points="5", sheet="street-bonus")
    while refresh_facts():
        pass
    later = at("12:00", on="2026-07-15")
    said = {"name": "2026-06", "scheme_key": "long-term", "at": later}
    provisional = make_snapshot(**said, kind=SnapshotKind.PROVISIONAL)
    line = row(provisional, "110101001")
    assert line["score"]["total"] == "98.00"
    assert [term["share"] for term in line["score"]["terms"]] == ["95.00", "3.00"]
    assert line["hand"]["street-look"] == [[entry.pk, "2.50"]]
    own = district.actor("department-d101")
    appeal_entry(entry_id=entry.pk, actor=own, at=at("10:00", on="2026-07-02"), words="当日已清运")
    answer_entry(
        entry_id=entry.pk, actor=district.actor("duty-chief-2"), at=at("10:00", on="2026-07-03"),
        upheld=True, words="属实",
    )  # fmt: skip
    final = make_snapshot(**said, kind=SnapshotKind.FINAL)
    assert row(final, "110101001")["score"]["total"] is None, "never inspected: nothing to judge"
    assert rows_that_moved(provisional.content, final.content) == ["110101001"]
    assert replay(provisional) == provisional.content


def row(snapshot, key):
    return next(one for one in json.loads(snapshot.content)["rows"] if one["key"] == key)


# ---------------------------------------------------------------- pages


def test_an_entry_is_written_read_and_appealed_against_by_pages(district, sheet, browser_client):
    chief = browser_client.enter(district.user("duty-chief-1"))
    assert "市容环境检查" in chief.get("/inspections/new/").content.decode()
    now = timezone.localtime()
    said = {
        "item": "1.1", "object_key": "110101001", "points": "1,5", "words": "路面有垃圾",
        "found_at": f"{now:%Y-%m-%dT%H:%M}", "place": "路口",
    }  # fmt: skip
    path = "/inspections/new/?sheet=street-look"
    refused = chief.post(path, {**said, "photos": [upload()]})
    assert refused.status_code == 400
    assert "路面有垃圾" in refused.content.decode()
    assert chief.post(path, {**said, "points": "1.5"}).status_code == 400, "a photo is wanted"
    made = chief.post(path, {**said, "points": "1.5", "photos": [upload()]})
    assert made.status_code == 302
    page = browser_client.enter(district.user("department-d101")).get(made.url)
    assert "1.50" in page.content.decode()
    assert 'value="appeal"' in page.content.decode()
    assert 'value="uphold"' not in page.content.decode()
    empty = browser_client.post(f"{made.url}act/", {"act": "appeal", "words": ""})
    assert empty.status_code == 400
    assert (
        browser_client.post(f"{made.url}act/", {"act": "appeal", "words": "已清"}).status_code
        == 302
    )
    assert browser_client.post(f"{made.url}act/", {"act": "melt", "words": "x"}).status_code == 400
    other = browser_client.enter(district.user("department-d102"))
    assert other.get(made.url).status_code == 404
    assert other.post(f"{made.url}act/", {"act": "appeal", "words": "x"}).status_code == 404
    second = browser_client.enter(district.user("duty-chief-2"))
    listed = second.get("/inspections/?state=appealed&sheet=street-look").content.decode()
    assert made.url in listed
    assert '<select name="sheet"' in listed
    assert listed.count('type="date"') == 2
    assert second.post(f"{made.url}act/", {"act": "refuse", "words": "照片清楚"}).status_code == 302
    assert made.url not in second.get("/inspections/?state=appealed").content.decode()


def test_supervisors_have_no_page_of_inspections(district, browser_client):
    assert (
        browser_client.enter(district.user("supervisor-1")).get("/inspections/").status_code == 403
    )


def listed_at(client, address):
    """The entries of a page in their order, how many there are in all, and the next page."""
    html = unescape(client.get(address).content.decode())
    ids = [
        int(pk) for pk in re.findall(r'<th scope="row"[^>]*><a href="/inspections/(\d+)/"', html)
    ]
    after = re.search(r'rel="next" href="(\?[^"]+)"', html)
    return ids, int(re.search(r"共 (\d+) 条", html).group(1)), after and after.group(1)


def test_pages_of_entries_neither_repeat_nor_hide_when_one_is_written_meanwhile(
    district, sheet, browser_client, clock
):
    clock.now = at("12:00")
    made = [write(district, when=JUNE_10 - timedelta(minutes=n // 2)).pk for n in range(60)]
    order = [pk for pair in zip(made[1::2], made[::2], strict=True) for pk in pair]
    browser_client.enter(district.user("official-1"))
    first, total, after = listed_at(browser_client, "/inspections/?period=month")
    assert (first, total) == (order[:50], 60)
    write(district, now=at("11:00"), when=at("11:00"))
    rest, total, after = listed_at(browser_client, f"/inspections/{after}")
    assert (rest, total, after) == (order[50:], 61, None)
    assert browser_client.get("/inspections/?cursor=nonsense").status_code == 400
