"""Cases over a change of the coding scheme: new ones take the current, parts keep theirs."""

from __future__ import annotations

from datetime import date

import pytest

from cases.selectors.duplicates import duplicate_candidates
from cases.services.accepting import Amendment, accept_case, amend_case
from cases.services.placing import Place
from cases.services.reporting import ReportInput, report_case
from gridcity.contracts import Forbidden, Invalid, NotAllowed, NotVisible
from parts.models import CatalogueClass, CodingScheme, CrosswalkPair, Part, SchemeSwitch
from parts.selectors import current_scheme, matter_code
from parts.selectors.kept import forget
from parts.selectors.schemes import preview_switch
from parts.services.crosswalk import name_pair
from parts.services.schemes import switch_scheme
from tests.district import CURRENT, LATER, at, catalogue_class, point

LON, LAT = point(0, 0)
SWITCHED = at("09:00")


@pytest.fixture
def later(district):
    """Classes of the later scheme: a part with its matter, and an event."""
    CodingScheme.objects.filter(key=LATER).update(matters_have_codes=True)
    found = {
        "cover": catalogue_class(LATER, "part", "01002", "供水井盖", "manhole", {}),
        "matter": catalogue_class(LATER, "event", "01002", "供水井盖异常", "manhole", {}),
        "rubbish": catalogue_class(LATER, "event", "06002", "垃圾乱象", "rubbish", {}),
    }
    CatalogueClass.objects.bulk_create(found.values())
    forget()
    return found


@pytest.fixture
def admin(district):
    return district.actor("administrator")


@pytest.fixture
def pair(district, admin, later):
    def make(one="cover", other="cover"):
        name_pair(actor=admin, at=at(), from_id=district.classes[one].pk, to_id=later[other].pk)
        forget()

    return make


@pytest.fixture
def switched(admin, later):
    switch_scheme(actor=admin, at=SWITCHED, target=LATER, seen=CURRENT, reason="新国标实施")
    forget()


@pytest.fixture
def report(district):
    def send(actor="supervisor-1", when=None, **said):
        said = {"kind": "part", "class_code": "", "place": Place(LON, LAT), **said}
        if "description" not in said:
            said["description"] = "井盖破损"
        return report_case(
            actor=district.actor(actor), at=when or at("10:00"), report=ReportInput(**said)
        )

    return send


@pytest.fixture
def accept(district):
    def go(case, **more):
        case.refresh_from_db()
        return accept_case(
            number=case.number, actor=district.actor("acceptor-1"), at=at("10:05"),
            version=case.version, **more,
        )  # fmt: skip

    return go


OLD_PART = "1101010101000001"


# ---------------------------------------------------------------- the change itself


def test_a_change_leaves_parts_cases_and_standards_as_they_are(
    district, admin, later, make_case, report
):
    case = report(part_code=OLD_PART)
    before = (
        list(Part.objects.order_by("pk").values()),
        list(CatalogueClass.objects.order_by("pk").values()),
    )
    switch = switch_scheme(actor=admin, at=SWITCHED, target=LATER, seen=CURRENT, reason="新国标")
    forget()
    after = (
        list(Part.objects.order_by("pk").values()),
        list(CatalogueClass.objects.order_by("pk").values()),
    )
    assert before == after
    assert current_scheme() == LATER
    case.refresh_from_db()
    assert case.catalogue_class.scheme_id == CURRENT
    assert (switch.from_scheme_id, switch.to_scheme_id, switch.by_id) == (
        CURRENT, LATER, admin.user_id,
    )  # fmt: skip


def test_the_preview_counts_what_the_crosswalk_reads(district, admin, later, pair):
    scheme = CodingScheme.objects.get(key=LATER)
    before = preview_switch(scheme, on=date(2026, 6, 10))
    assert (len(before.read), before.parts_read, before.parts_unread) == (0, 0, len(district.parts))
    pair()
    after = preview_switch(scheme, on=date(2026, 6, 10))
    assert [line.entry.code for line in after.read] == ["0101"]
    assert (
        after.parts_read == Part.objects.filter(catalogue_class=district.classes["cover"]).count()
    )
    assert len(after.bare) == 4


def test_only_an_administrator_with_a_reason_changes_the_scheme_he_saw(district, admin, later):
    said = {"at": SWITCHED, "target": LATER, "seen": CURRENT, "reason": "x"}
    with pytest.raises(Forbidden):
        switch_scheme(actor=district.actor("duty-chief-1"), **said)
    for more, refusal in (
        ({"reason": " "}, Invalid),
        ({"target": "none"}, NotVisible),
        ({"seen": LATER}, NotAllowed),
        ({"target": CURRENT, "seen": CURRENT}, NotAllowed),
    ):
        with pytest.raises(refusal):
            switch_scheme(actor=admin, **(said | more))
    assert not SchemeSwitch.objects.exists()


def test_a_scheme_without_events_takes_no_cases(district, admin):
    CodingScheme.objects.create(key="EMPTY", name="x", class_minor_length=2, class_code_length=4)
    with pytest.raises(NotAllowed):
        switch_scheme(actor=admin, at=SWITCHED, target="EMPTY", seen=CURRENT, reason="x")


# ---------------------------------------------------------------- new cases


def test_an_old_parts_class_is_read_through_the_crosswalk(report, pair, switched, later):
    pair()
    case = report(part_code=OLD_PART)
    assert (case.catalogue_class, case.part.code) == (later["cover"], OLD_PART)


def test_the_class_that_is_read_fits_the_old_part_and_another_does_not(
    report, pair, switched, later
):
    pair()
    assert report(class_code="01002", part_code=OLD_PART).catalogue_class == later["cover"]
    catalogue_class(LATER, "part", "01003", "污水井盖", "manhole", {}).save()
    forget()
    with pytest.raises(Invalid) as refused:
        report(class_code="01003", part_code=OLD_PART)
    assert "part_code" in refused.value.fields


def test_without_a_confirmed_pair_an_acceptor_is_asked_at_once(report, switched):
    with pytest.raises(Invalid) as refused:
        report(actor="acceptor-1", part_code=OLD_PART)
    assert refused.value.code == "class_unread"
    assert "class_code" in refused.value.fields


def test_without_a_confirmed_pair_a_supervisors_report_comes_in_and_waits_for_the_acceptor(
    district, report, accept, switched, later
):
    case = report(part_code=OLD_PART)
    assert case.catalogue_class.scheme_id == CURRENT
    with pytest.raises(NotAllowed):
        accept(case)
    amend_case(
        number=case.number, actor=district.actor("acceptor-1"), at=at("10:02"),
        version=case.version,
        amendment=Amendment(class_code="01002"),
    )  # fmt: skip
    case.refresh_from_db()
    assert (case.catalogue_class, case.part.code) == (later["cover"], OLD_PART)
    with pytest.raises(Invalid) as refused:
        accept(case)
    assert "class_checked" in refused.value.fields
    accept(case, class_checked=True)
    answer = CrosswalkPair.objects.get()
    assert (answer.state, answer.basis, answer.to_class) == ("proposed", "answer", later["cover"])


def test_what_an_administrator_confirmed_is_not_asked_again(report, accept, switched, pair):
    pair()
    case = report(part_code=OLD_PART)
    assert accept(case).state == "TO_FILE"
    assert CrosswalkPair.objects.filter(basis="answer").count() == 0


def test_a_case_from_before_the_change_goes_on_in_its_scheme(
    district, report, accept, admin, later
):
    case = report(part_code=OLD_PART, when=at("08:00"))
    switch_scheme(actor=admin, at=SWITCHED, target=LATER, seen=CURRENT, reason="新国标实施")
    forget()
    amend_case(
        number=case.number, actor=district.actor("acceptor-1"), at=at("10:02"),
        version=case.version,
        amendment=Amendment(kind="part", class_code="0101", description="补充描述"),
    )  # fmt: skip
    assert accept(case).catalogue_class == district.classes["cover"]


def test_a_class_named_with_its_scheme_is_read_into_the_current_one(
    report, district, pair, switched, later
):
    pair("rubbish", "rubbish")
    case = report(kind="event", class_code="0102", scheme=CURRENT)
    assert case.catalogue_class == later["rubbish"]


# ---------------------------------------------------------------- matter codes


def test_every_case_of_a_scheme_with_matters_carries_a_matter_code(report, switched, later):
    case = report(kind="event", class_code="06002")
    code = matter_code(case.number, LATER, case.catalogue_class.code)
    assert code == "11010106002"
    assert len(code) == 11


def test_a_scheme_without_matters_has_no_matter_codes(district, report):
    case = report(part_code=OLD_PART)
    assert matter_code(case.number, CURRENT, case.catalogue_class.code) is None


def test_the_matter_of_a_part_names_the_part_or_why_none(report, switched, later, pair):
    pair()
    with pytest.raises(Invalid) as refused:
        report(kind="event", class_code="01002")
    assert set(refused.value.fields) == {"part_code", "no_part_reason"}
    named = report(kind="event", class_code="01002", part_code=OLD_PART)
    unnamed = report(kind="event", class_code="01002", no_part_reason="普查未登记")
    for case in (named, unnamed):
        assert (case.kind, case.catalogue_class) == ("part", later["cover"])
        assert matter_code(case.number, LATER, case.catalogue_class.code) == "11010101002"
    assert named.part.code == OLD_PART


def test_the_api_tells_scheme_and_matter_code(api, district, switched, later, clock):
    clock.now = at("10:00")
    said = {
        "kind": "event", "class_code": "06002", "lon": LON, "lat": LAT, "placed_by": "manual",
        "description": "垃圾",
    }  # fmt: skip
    client = api.of(district.user("supervisor-1"))
    made = client.post("/api/v1/cases/", said, key="00000000-0000-4000-8000-000000000001")
    assert made.status_code == 201, made.body
    assert (made.body["scheme"], made.body["matter_code"]) == (LATER, "11010106002")
    shown = client.get(f"/api/v1/cases/{made.body['number']}/")
    assert (shown.body["scheme"], shown.body["matter_code"]) == (LATER, "11010106002")


def test_a_report_of_an_old_part_needs_no_class_over_the_api(
    api, district, switched, later, pair, clock
):
    pair()
    clock.now = at("10:00")
    said = {"kind": "part", "part_code": OLD_PART, "description": "破损"}
    made = api.of(district.user("supervisor-1")).post(
        "/api/v1/cases/", said, key="00000000-0000-4000-8000-000000000002"
    )
    assert made.status_code == 201, made.body
    assert (made.body["scheme"], made.body["class_code"]) == (LATER, "01002")


# ---------------------------------------------------------------- on the phone


@pytest.fixture
def phone(browser_client, district, clock):
    clock.now = at("10:00")
    return browser_client.enter(district.user("supervisor-1"))


def parts_near(phone, **said):
    answer = phone.get("/patrol/nearby/", {"lon": LON, "lat": LAT, **said})
    assert answer.status_code == 200, answer.content
    return {part["code"]: part for part in answer.json()["parts"]}


def test_a_part_whose_class_nobody_paired_is_offered_with_its_own_scheme(phone, switched):
    part = parts_near(phone)[OLD_PART]
    assert (part["scheme"], part["class_code"]) == (CURRENT, "0101")
    scanned = phone.get("/patrol/report/", {"part": OLD_PART}).context["part"]
    assert (scanned["scheme"], scanned["class_code"]) == (CURRENT, "0101")


def test_a_part_whose_class_is_paired_is_offered_with_the_class_of_today(phone, switched, pair):
    pair()
    part = parts_near(phone)[OLD_PART]
    assert (part["scheme"], part["class_code"], part["class_name"]) == (LATER, "01002", "供水井盖")
    scanned = phone.get("/patrol/report/", {"part": OLD_PART}).context["part"]
    assert (scanned["scheme"], scanned["class_code"]) == (LATER, "01002")


def test_old_parts_stand_nearby_where_the_class_of_today_is_chosen(phone, switched, pair):
    assert OLD_PART not in parts_near(phone, kind="part", class_code="01002")
    pair()
    assert OLD_PART in parts_near(phone, kind="part", class_code="01002")


def test_a_report_that_names_the_parts_own_scheme_is_taken_with_and_without_a_pair(
    api, district, switched, pair, clock
):
    clock.now = at("10:00")
    client = api.of(district.user("supervisor-1"))
    said = {"kind": "part", "scheme": CURRENT, "class_code": "0101", "part_code": OLD_PART}

    def send(number):
        key = f"00000000-0000-4000-8000-00000000000{number}"
        made = client.post("/api/v1/cases/", {**said, "description": "破损"}, key=key)
        assert made.status_code == 201, made.body
        return made.body["scheme"], made.body["class_code"]

    assert send(1) == (CURRENT, "0101")
    pair()
    assert send(2) == (LATER, "01002")


def test_matters_of_parts_say_that_they_name_one(api, district, switched, later):
    listed = api.of(district.user("supervisor-1")).get("/api/v1/catalogue/?kind=event")
    told = {row["code"]: row["names_part"] for row in listed.body["results"]}
    assert (told["01002"], told["06002"]) == (True, False)


# ---------------------------------------------------------------- over the change


def test_the_same_matter_is_found_under_the_class_of_either_scheme(
    report, admin, later, pair, district
):
    old = report(kind="event", class_code="0102", when=at("08:00"))
    pair("rubbish", "rubbish")
    switch_scheme(actor=admin, at=SWITCHED, target=LATER, seen=CURRENT, reason="新国标实施")
    forget()
    new = report(kind="event", class_code="06002")
    found = duplicate_candidates(
        class_id=new.catalogue_class_id, cell_id=new.cell_id, point=new.point, part_id=None,
        at=at("10:00"), exclude_id=new.pk,
    )  # fmt: skip
    assert [(one.number, "same_class" in one.reasons) for one in found] == [(old.number, True)]
