"""`report` and `amend`: class, part, place and words of a case (domain law §§2, 4)."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest

from cases.models import Case
from cases.services.accepting import Amendment, accept_case, amend_case, supplement_case
from cases.services.placing import Place
from cases.services.reporting import SOURCES_OF_ROLE, ReportInput, report_case
from cases.workflow import State
from dispatch.actions import Told, carry_out
from gridcity.contracts import Forbidden, Invalid, NotAllowed, OutsideDistrict, Role
from tests.district import LATER, USER_OF_ROLE, point
from tests.photos import prepared


@pytest.fixture
def report(district, at):
    """Report as somebody; arguments are the fields of a report."""

    def do(by="supervisor-1", cell=(1, 1), **said):
        said.setdefault("kind", "event")
        said.setdefault("class_code", "0102")
        said.setdefault("description", "路口堆放垃圾")
        if cell is not None:
            said.setdefault("place", Place(*point(*cell), 8.0, "gps"))
        return report_case(actor=district.actor(by), at=at(), report=ReportInput(**said))

    return do


def test_a_report_finds_its_cell_community_and_street(report, district):
    case = report(cell=(0, 3))
    assert case.cell == district.cells[0, 3]
    assert (case.community.code, case.street.code) == ("110101002001", "110101002")
    assert (case.state, case.version, case.source) == (State.REPORTED, 1, "SUPERVISOR")


def test_numbers_follow_each_other_within_the_year_of_the_district(report):
    first, second = report(), report()
    assert first.number[:10] == second.number[:10] == "1101012026"
    assert int(second.number[10:]) == int(first.number[10:]) + 1


def test_a_number_takes_the_year_of_the_district_not_of_utc(district, at):
    new_year = at("00:30", on="2026-01-01")  # still 2025 in UTC
    case = report_case(
        actor=district.actor("supervisor-3"), at=new_year,
        report=ReportInput(kind="event", class_code="0102", place=Place(*point()), description="x"),
    )  # fmt: skip
    assert case.number[6:10] == "2026"


@pytest.mark.parametrize(
    ("edge", "expected"),
    [
        ({"x": 1.0}, (0, 0)),  # between (0, 0) and (0, 1): the lower code first
        ({"y": 1.0}, (0, 0)),  # between (0, 0) and (1, 0)
        ({"x": 1.0, "y": 1.0}, (0, 0)),  # the corner of four cells
        ({"x": 0.0, "y": 0.0}, (0, 0)),  # the corner of the district
    ],
)
def test_a_point_on_a_shared_edge_lies_in_the_first_cell_by_code(report, district, edge, expected):
    case = report(cell=None, place=Place(*point(0, 0, **edge)))
    assert case.cell == district.cells[expected]


@pytest.mark.parametrize("place", [(116.0, 39.9), (0.0, 0.0), (39.9286, 116.4), (-116.4, 39.93)])
def test_a_point_outside_the_district_is_refused(report, place):
    lon, lat = place
    with pytest.raises((OutsideDistrict, Invalid)):
        report(cell=None, place=Place(lon, lat))
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    ("lon", "lat"),
    [(math.nan, 39.9), (116.4, math.nan), (math.inf, 39.9), (116.4, -math.inf), (181.0, 0.0),
     (0.0, 90.5), (1e308, 1e308)],
)  # fmt: skip
def test_numbers_that_are_no_position_are_refused(report, lon, lat):
    with pytest.raises(Invalid):
        report(cell=None, place=Place(lon, lat))


@pytest.mark.parametrize("accuracy", [math.nan, -1.0, math.inf, 1e9, 100.1])
def test_a_vague_or_absurd_accuracy_is_refused(report, accuracy):
    with pytest.raises(Invalid) as refused:
        report(place=Place(*point(1, 1), accuracy, "gps"))
    assert "accuracy_m" in refused.value.fields


def test_a_vague_position_is_taken_once_the_pin_was_set_by_hand(report):
    assert report(place=Place(*point(1, 1), 250.0, "manual")).accuracy_m == 250.0


@pytest.mark.parametrize(
    "said",
    [
        {"class_code": "9999"}, {"class_code": ""}, {"class_code": "0599"}, {"class_code": "0102 "},
        {"kind": "thing"}, {"kind": ""}, {"kind": "part", "class_code": "0102"},
        {"scheme": "NO-SUCH"}, {"scheme": LATER, "class_code": "0102"},
    ],
)  # fmt: skip
def test_an_unknown_or_retired_class_is_refused(report, said):
    with pytest.raises(Invalid):
        report(**said)


def test_part_and_event_of_one_code_are_different_classes(report, district):
    assert report(class_code="0101").catalogue_class == district.classes["illegal_building"]
    part = report(kind="part", class_code="0101", no_part_reason="无编码")
    assert part.catalogue_class == district.classes["cover"]


def test_another_scheme_may_be_named(report, district):
    case = report(scheme=LATER, class_code="01001")
    assert case.catalogue_class == district.classes["later"]


def test_a_part_case_names_the_part_or_says_why_not(report, district):
    with pytest.raises(Invalid) as refused:
        report(kind="part", class_code="0101")
    assert {"part_code", "no_part_reason"} <= set(refused.value.fields)
    part = district.parts[1]
    assert report(kind="part", class_code="0101", part_code=part.code).part == part


def test_the_place_of_the_part_is_taken_where_no_other_is_named(report, district):
    case = report(cell=None, kind="part", class_code="0101", part_code=district.parts[2].code)
    assert (case.point.x, case.point.y) == point(2, 3)
    assert (case.cell, case.placed_by) == (district.cells[2, 3], "part")


@pytest.mark.parametrize("code", ["1101010101999999", "x", "\u4e95"])
def test_an_unknown_part_is_refused(report, code):
    with pytest.raises(Invalid) as refused:
        report(kind="part", class_code="0101", part_code=code)
    assert "part_code" in refused.value.fields


def test_a_part_of_another_class_is_refused(report, district):
    with pytest.raises(Invalid):
        report(kind="part", class_code="0301", part_code=district.parts[0].code)


def test_a_part_far_from_the_pin_is_a_slip(report, district):
    with pytest.raises(Invalid) as refused:
        report(cell=(2, 3), kind="part", class_code="0101", part_code=district.parts[0].code)
    assert "part_code" in refused.value.fields


def test_an_event_has_no_part(report, district):
    with pytest.raises(Invalid):
        report(part_code=district.parts[0].code)


@pytest.mark.parametrize("field", ["description", "place_text", "no_part_reason"])
@pytest.mark.parametrize("text", ["垃" * 10_000, "a\x00b", "a\x1b[31m", "\ud800", "x\x7f"])
def test_overlong_texts_and_control_characters_are_refused(report, field, text):
    with pytest.raises(Invalid) as refused:
        report(**{field: text})
    assert set(refused.value.fields) == {field}
    assert not Case.objects.exists()


def test_line_breaks_and_wide_characters_are_kept_in_one_form(report):
    case = report(description="  一\r\n二\t𠮷 e\u0301  ")
    assert case.description == "一\n二\t𠮷 \u00e9"


@pytest.mark.parametrize("role", sorted(USER_OF_ROLE))
def test_who_may_report_and_from_which_sources(report, role):
    user = USER_OF_ROLE[role]
    own = SOURCES_OF_ROLE | {"client": ("PUBLIC",)}  # a client has the one it is named for
    if role not in own:
        with pytest.raises(Forbidden):
            report(by=user)
        return
    assert report(by=user, place_text="路口").source == own[role][0]
    foreign = {"SUPERVISOR", "HOTLINE", "LEADER"} - set(own[role])
    for source in foreign:
        with pytest.raises(Forbidden):
            report(by=user, source=source)


def test_an_unknown_source_is_refused(report):
    with pytest.raises(Invalid):
        report(source="RUMOUR")


@pytest.mark.parametrize("source", ["HOTLINE", "LETTER_VISIT", "MEDIA", "LEADER", "SUPERIOR"])
def test_words_for_the_place_are_enough_for_some_sources(report, district, source):
    case = report(by="acceptor-1", cell=None, source=source, place_text="美术馆东街口")
    assert (case.point, case.cell, case.street) == (None, None, None)
    with pytest.raises(NotAllowed):
        accept_case(
            number=case.number, actor=district.actor("acceptor-1"), at=case.reported_at,
            version=case.version, waiver="领导已到场",
        )  # fmt: skip
    with pytest.raises(Invalid):
        report(by="acceptor-1", cell=None, source=source)


@pytest.mark.parametrize(("by", "source"), [("supervisor-1", ""), ("acceptor-1", "VIDEO")])
def test_other_sources_name_a_point(report, by, source):
    with pytest.raises(Invalid):
        report(by=by, cell=None, source=source, place_text="美术馆东街口")


def test_the_first_contact_is_the_acceptor_who_took_the_case(report, walk, district):
    assert report(by="acceptor-2", source="LEADER").first_contact == district.user("acceptor-2")
    assert report().first_contact is None
    assert walk("TO_FILE").case.first_contact == district.user("acceptor-1")


# ---------------------------------------------------------------- amend, supplement


@pytest.fixture
def amend(district):
    def do(case, by="acceptor-1", **said):
        return amend_case(
            number=case.number, actor=district.actor(by),
            at=case.reported_at + timedelta(minutes=2), version=case.version,
            amendment=Amendment(**said),
        )  # fmt: skip

    return do


def test_a_moved_place_finds_its_cell_anew_and_the_old_one_is_kept(make_case, amend, district):
    case = amend(make_case(cell=(0, 0)), place=Place(*point(2, 3), None, "manual"))
    assert case.cell == district.cells[2, 3]
    event = case.events.get(action="amend")
    assert event.changes["cell"] == [district.cells[0, 0].pk, district.cells[2, 3].pk]
    assert event.changes["point"] == [list(point(0, 0)), list(point(2, 3))]
    assert case.version == 2


def test_another_class_drops_the_part_of_the_first(make_case, amend, district):
    case = make_case(entry="cover", part_code=district.parts[1].code)
    amended = amend(case, kind="event", class_code="0102")
    assert (amended.kind, amended.part) == ("event", None)


def test_another_class_within_parts_asks_for_its_part_again(make_case, amend, district):
    case = make_case(entry="cover", part_code=district.parts[1].code, no_part_reason="")
    with pytest.raises(Invalid):
        amend(case, class_code="0301")


def test_an_event_that_becomes_an_event_cannot_be_given_a_part(make_case, amend, district):
    with pytest.raises(Invalid):
        amend(make_case(), part_code=district.parts[1].code)


def test_the_first_source_counts_even_if_it_is_corrected(make_case, amend):
    case = amend(make_case(by="acceptor-1", source="HOTLINE"), source="MEDIA")
    assert (case.source, case.sources) == ("HOTLINE", ["HOTLINE", "MEDIA"])


def test_nothing_amended_is_refused(make_case, amend):
    case = make_case()
    with pytest.raises(Invalid):
        amend(case, description=case.description)
    assert case.events.count() == 1


@pytest.mark.parametrize("state", ["TO_DISPATCH", "HANDLING", "CLOSED"])
def test_what_was_filed_is_amended_no_more(make_case, amend, state):
    with pytest.raises(NotAllowed):
        amend(make_case(state), description="别的")


def test_a_supplement_adds_words_and_photos_and_moves_nothing(make_case, district, at):
    case = make_case("HANDLING")
    after, event = supplement_case(
        number=case.number, actor=district.actor("department-s201"), at=at("11:00"),
        words="已联系清运", photos=[prepared("near")],
    )  # fmt: skip
    assert (after.state, after.version) == (case.state, case.version)
    assert event.photos.count() == 1
    assert case.photos.count() == 1


def test_an_empty_supplement_is_refused(make_case, district, at):
    with pytest.raises(Invalid):
        supplement_case(number=make_case().number, actor=district.actor("acceptor-1"), at=at())


def test_a_department_supplements_only_while_it_is_its_turn(make_case, district, at):
    case = make_case("HANDLING")
    for user, allowed in (("department-s201", True), ("department-d101", False)):
        told = Told(case.number, district.actor(user), at("11:00"), said={"description": "已到场"})
        if allowed:
            carry_out("supplement", told)
        else:
            with pytest.raises(Forbidden):
                carry_out("supplement", told)
    assert case.events.filter(action="supplement").count() == 1


def test_roles_of_other_hands_do_not_report(district):
    assert Role.DUTY_CHIEF not in SOURCES_OF_ROLE
    assert Role.DISPATCHER not in SOURCES_OF_ROLE


@pytest.mark.parametrize(
    ("said", "source", "role", "takes"),
    [
        ("", "SUPERVISOR", "supervisor", False),
        ("SUPERVISOR", "SUPERVISOR", "supervisor", False),
        ("HOTLINE", "HOTLINE", "acceptor", True),
        ("MEDIA", "MEDIA", "acceptor", True),
    ],
)
def test_who_is_supervisor_and_acceptor_reports_in_the_role_of_the_source(
    district, report, said, source, role, takes
):
    user = district.user("supervisor-1")
    user.roles = ["acceptor", "supervisor"]
    user.save(update_fields=["roles"])
    case = report(source=said)
    assert (case.source, case.events.get().role) == (source, role)
    assert case.first_contact_id == (user.pk if takes else None)
