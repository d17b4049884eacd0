"""Parts by hand: nothing about their place is typed, nothing is lost, nothing is deleted."""

from __future__ import annotations

import threading

import pytest
from django.contrib.gis.geos import GEOSGeometry, LineString, Point, Polygon
from django.db import connection

from gridcity.contracts import (
    Forbidden,
    Invalid,
    NotAllowed,
    OutsideDistrict,
    Refused,
    StaleVersion,
)
from parts.models import CatalogueClass, Part, PartSerial
from parts.selectors.part_history import part_history, version_of
from parts.services.register import add_part, change_part, move_part, reclassify_part
from parts.services.states import change_part_state
from tests.district import CURRENT, point, uscc_of


@pytest.fixture
def said(district, at):
    """What every service is told: who and when."""
    return {"actor": district.actor("administrator"), "at": at()}


@pytest.fixture
def add(district, said):
    def do(row=1, column=1, x=0.25, entry="cover", **more):
        attributes = more.pop("said", {})
        options = {
            "class_code": district.classes[entry].code,
            "geometry": Point(*point(row, column, x), srid=4490),
        }
        return add_part(**said | options | more, said=attributes)

    return do


def drawn_class(district, geometry: str) -> CatalogueClass:
    """A class whose parts are lines or areas."""
    return CatalogueClass.objects.create(
        scheme_id=CURRENT, kind="part", code="0399", name="绿地护栏", major_code="03",
        major_name="园林绿化", geometry=geometry, accuracy_class="C", family="tree_green",
    )  # fmt: skip


class TestAdding:
    def test_code_and_place_are_found_by_the_system(self, add, district, at):
        part = add(said={"owner_name": "自来水公司", "owner_uscc": uscc_of("w301")})
        assert part.code == "1101010101000004"
        assert part.cell == district.cells[1, 1]
        assert part.community == district.communities["110101001002"]
        assert part.street == district.streets["110101001"]
        assert (part.name, part.accuracy_class) == ("上水井盖", "A")
        assert (part.initial_on, part.change_on) == (at().date(), None)

    def test_who_added_it_stands_in_its_history(self, add):
        (change,) = part_history(add(reason="普查漏登"))
        assert (change.is_added, change.by, change.reason) == (True, "Administrator", "普查漏登")
        assert change.differences == []

    def test_a_serial_is_never_given_twice(self, add):
        codes = [add(x=x).code for x in (0.1, 0.2, 0.3)]
        assert codes == [f"110101010100000{n}" for n in (4, 5, 6)]
        PartSerial.objects.update(last=999_999)
        with pytest.raises(NotAllowed):
            add()

    def test_two_people_at_once_get_two_codes(self, shared_district, at):
        district = shared_district
        actor = district.actor("administrator")
        codes: list[str] = []

        def work(x: float) -> None:
            try:
                made = add_part(
                    actor=actor, at=at(), class_code="0101", said={},
                    geometry=Point(*point(0, 0, x), srid=4490),
                )  # fmt: skip
                codes.append(made.code)
            finally:
                connection.close()

        threads = [threading.Thread(target=work, args=(0.1 * n,)) for n in range(1, 5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert sorted(codes) == [f"110101010100000{n}" for n in range(4, 8)]

    @pytest.mark.parametrize(
        ("attributes", "field"),
        [
            ({"owner_uscc": "91110101000000000X"}, "owner_uscc"),
            ({"source": "hearsay"}, "source"),
            ({"initial_on": "2026-06-11"}, "initial_on"),
            ({"note": "长" * 501}, "note"),
            ({"cell": "110101001001001"}, "cell"),
            ({"code": "1101010101000099"}, "code"),
        ],
    )
    def test_what_is_wrong_or_not_to_be_said_is_refused_at_its_field(self, add, attributes, field):
        with pytest.raises(Invalid) as refused:
            add(said=attributes)
        assert list(refused.value.fields) == [field]
        assert Part.objects.count() == 3

    def test_a_credit_code_may_be_typed_in_small_letters(self, add):
        code = uscc_of("w301")
        assert add(said={"owner_uscc": f" {code.lower()} "}).owner_uscc == code

    def test_a_place_in_no_cell_is_refused(self, add):
        with pytest.raises(OutsideDistrict):
            add(row=9)

    def test_other_roles_and_classes_of_events_are_refused(self, add, district):
        with pytest.raises(Forbidden):
            add(actor=district.actor("dispatcher-1"))
        with pytest.raises(Invalid) as refused:
            add(class_code="0102")
        assert "class_code" in refused.value.fields


class TestGeometry:
    def test_a_line_lies_in_the_cell_of_a_point_on_it(self, add, district):
        entry = drawn_class(district, "line")
        course = LineString(point(0, 2, 0.1), point(0, 2, 0.6), point(0, 2, 0.9), srid=4490)
        part = add(class_code=entry.code, geometry=course)
        assert (part.cell, part.geom.geom_type) == (district.cells[0, 2], "LineString")

    def test_another_kind_of_geometry_than_the_classs_is_refused(self, add, district):
        entry = drawn_class(district, "polygon")
        with pytest.raises(Invalid) as refused:
            add(class_code=entry.code)
        assert "geom" in refused.value.fields

    def test_an_area_that_crosses_itself_is_refused(self, add, district):
        entry = drawn_class(district, "polygon")
        bow = Polygon(
            [point(0, 0, 0.1, 0.1), point(0, 0, 0.9, 0.9), point(0, 0, 0.9, 0.1),
             point(0, 0, 0.1, 0.9), point(0, 0, 0.1, 0.1)], srid=4490,
        )  # fmt: skip
        with pytest.raises(Invalid):
            add(class_code=entry.code, geometry=bow)

    def test_points_keep_seven_decimals_and_boundaries_nine(self, add, district):
        entry = drawn_class(district, "polygon")
        shape = GEOSGeometry(
            "POLYGON((116.4001234567891 39.9298765432198, 116.4004 39.9298, 116.4004 39.9295,"
            " 116.4001234567891 39.9298765432198))"
        )
        part = add(class_code=entry.code, geometry=shape)
        assert part.geom.coords[0][0] == (116.400123457, 39.929876543)
        spot = add(geometry=Point(116.40012345678, 39.92987654321)).geom
        assert spot.coords == (116.4001235, 39.9298765)


class TestChanging:
    def test_old_and_new_values_stand_side_by_side(self, district, said):
        part = district.parts[0]
        change_part(
            **said, part_id=part.pk, reason="移交养护",
            said={"maintainer_name": "排水集团", "maintainer_uscc": "", "note": ""},
        )  # fmt: skip
        (change,) = part_history(Part.objects.get(pk=part.pk))
        assert (change.by, change.reason) == ("Administrator", "移交养护")
        told = {each.label: (each.before, each.after) for each in change.differences}
        assert told["养护单位"] == ("自来水公司", "排水集团")
        assert told["变更日期"] == ("—", "2026-06-10")
        assert "备注" not in told

    def test_what_is_said_as_it_was_changes_nothing(self, district, said):
        part = change_part(
            **said, part_id=district.parts[0].pk, said={"name": "上水井盖"}, reason="核对"
        )
        assert part.change_on is None
        assert part_history(part) == []

    def test_a_change_by_sql_says_that_nobody_said_who(self, district):
        part = district.parts[0]
        with connection.cursor() as cursor:
            cursor.execute("update parts_part set note = 'x' where id = %s", [part.pk])
        (change,) = part_history(Part.objects.get(pk=part.pk))
        assert change.by == ""
        assert [(each.before, each.after) for each in change.differences] == [("—", "x")]

    def test_each_change_is_compared_with_the_next_one(self, district, said):
        part = district.parts[0]
        for note in ("一", "二", "三"):
            change_part(**said, part_id=part.pk, said={"note": note}, reason="更正备注")
        changes = part_history(Part.objects.get(pk=part.pk))
        notes = [(d.before, d.after) for c in changes for d in c.differences if d.label == "备注"]
        assert notes == [("二", "三"), ("一", "二"), ("—", "一")]

    def test_the_second_of_two_people_sees_what_the_first_made_of_it(self, district, said):
        part = district.parts[0]
        seen = version_of(part.pk)
        change_part(**said, part_id=part.pk, said={"note": "甲"}, reason="甲", seen=seen)
        with pytest.raises(StaleVersion) as refused:
            change_part(**said, part_id=part.pk, said={"note": "乙"}, reason="乙", seen=seen)
        assert {"field": "备注", "before": "—", "after": "甲"} in refused.value.kept["changes"]
        assert Part.objects.get(pk=part.pk).note == "甲"

    def test_a_reason_is_required(self, district, said):
        with pytest.raises(Invalid):
            change_part(**said, part_id=district.parts[0].pk, said={"note": "x"}, reason=" ")


class TestMoving:
    def test_cell_community_and_street_follow(self, district, said):
        part = move_part(
            **said, part_id=district.parts[0].pk, geometry=Point(*point(2, 3, 0.3), srid=4490),
            reason="现场复测", accuracy_class="B",
        )  # fmt: skip
        assert part.cell == district.cells[2, 3]
        assert part.street == district.streets["110101002"]
        assert part.accuracy_class == "B"
        labels = {each.label for each in part_history(Part.objects.get(pk=part.pk))[0].differences}
        assert {"位置", "单元网格", "社区", "街道", "精度等级"} <= labels

    def test_the_same_place_changes_nothing(self, district, said):
        part = district.parts[0]
        moved = move_part(**said, part_id=part.pk, geometry=part.geom.clone(), reason="复测")
        assert moved.change_on is None


class TestReclassifying:
    def test_one_part_ends_and_another_begins_and_each_names_the_other(self, district, said, at):
        old = district.parts[0]
        Part.objects.filter(pk=old.pk).update(source_key="census", source_id="7")
        made = reclassify_part(**said, part_id=old.pk, class_code="0301", reason="普查类别有误")
        old.refresh_from_db()
        assert (old.state, old.change_on, old.source_id) == ("removed", at().date(), "")
        assert (made.code, made.state, made.name) == ("1101010301000001", "intact", "公共厕所")
        assert (made.source_key, made.source_id) == ("census", "7")
        assert made.predecessor == old
        assert old.successor == made
        assert made.geom.equals(old.geom)

    def test_a_reclassified_part_stays_removed(self, district, said):
        old = district.parts[0]
        reclassify_part(**said, part_id=old.pk, class_code="0301", reason="类别有误")
        with pytest.raises(NotAllowed):
            change_part_state(**said, part_id=old.pk, state="intact", reason="恢复")
        with pytest.raises(NotAllowed):
            reclassify_part(**said, part_id=old.pk, class_code="0301", reason="再来")

    @pytest.mark.parametrize("entry", ["same", "line", "none"])
    def test_the_same_class_another_geometry_or_no_class_is_refused(self, district, said, entry):
        code = {"same": "0101", "none": "9999"}.get(entry) or drawn_class(district, "line").code
        with pytest.raises(Refused):
            reclassify_part(**said, part_id=district.parts[0].pk, class_code=code, reason="误")
        assert Part.objects.filter(state="removed").count() == 0
