"""Cells of a draft are cut, joined, voided and taken back, under codes never used before."""

from __future__ import annotations

import pytest
from django.contrib.gis.geos import LineString

from gridcity.contracts import Forbidden, Invalid, StaleVersion
from parts.models import Cell
from parts.services.grid.editing import (
    Edit,
    cut_line,
    describe_area,
    describe_cells,
    merge_cells,
    restore_cell,
    split_cell,
    void_cell,
)
from parts.services.grid.publishing import publish_draft
from tests.district import at, point, square
from tests.parts.boundary_files import check, draft_of, quiet

A1, A2, A3 = (f"110101001001{n:03d}" for n in (1, 2, 3))


@pytest.fixture
def draft(district):
    return draft_of(district)


@pytest.fixture
def edit(district, draft):
    """Edits of the draft as it is now."""

    def now(**said):
        draft.refresh_from_db()
        values = {"actor": district.actor("administrator"), "at": at("09:07")}
        return Edit(**{**values, "edition_id": draft.pk, "version": draft.version, **said})

    return now


def across(row, column):
    """A line through the middle of a cell from west to east, a little longer than it."""
    return LineString(point(row, column, -0.1, 0.5), point(row, column, 1.1, 0.5), srid=4490)


def codes_of(draft, **wanted):
    rows = draft.shapes.filter(level="cell", **wanted)
    return set(rows.values_list("code", flat=True))


def test_a_cell_is_cut_into_two_with_the_next_serials_and_its_history(draft, edit):
    done = split_cell(edit=edit(), code=A1, line=across(0, 0))
    assert done.codes == ["110101001001004", "110101001001005"]
    pieces = [draft.shapes.get(code=code) for code in done.codes]
    assert [piece.origins for piece in pieces] == [[A1], [A1]]
    assert [float(piece.area_m2) for piece in pieces] == pytest.approx([5_125, 5_125], rel=0.01)
    old = draft.shapes.get(level="cell", code=A1)
    assert old.ends
    assert "110101001001004" in old.end_reason


def test_a_cut_draft_has_nothing_but_remarks_and_is_published(district, draft, edit):
    split_cell(edit=edit(), code=A1, line=across(0, 0))
    assert set(check(district, draft)) == {"order"}
    publish_draft(
        actor=district.actor("administrator"), at=at("09:20"), edition_id=draft.pk,
        version=draft.version, progress=quiet,
    )  # fmt: skip
    old = Cell.objects.get(code=A1)
    assert "110101001001004" in old.void_reason
    assert Cell.objects.get(code="110101001001004").origins == [A1]


def test_pieces_of_a_cell_touch_their_neighbours_without_a_gap(district, draft, edit):
    slanted = LineString(point(1, 2, -0.2, 0.13), point(1, 2, 1.3, 0.77), srid=4490)
    split_cell(edit=edit(), code="110101002001003", line=slanted)
    assert not [f for rows in check(district, draft).values() for f in rows if f.is_fault]


@pytest.mark.parametrize(
    "line",
    [
        LineString(point(0, 0, 0.1, 0.5), point(0, 0, 0.9, 0.5), srid=4490),
        LineString(point(2, 3, 0, 0.5), point(2, 3, 1, 0.5), srid=4490),
        LineString(point(0, 0, -0.1, 0.002), point(0, 0, 1.1, 0.002), srid=4490),
    ],
)
def test_a_line_that_parts_nothing_or_leaves_a_crumb_is_refused(draft, edit, line):
    with pytest.raises(Invalid) as refused:
        split_cell(edit=edit(), code=A1, line=line)
    assert "line" in refused.value.fields
    assert codes_of(draft, ends=True) == set()


@pytest.mark.parametrize(("bearing", "share"), [(0, 0.5), (90, 0.3), (37, 0.5), (200, 0.8)])
def test_a_cut_by_bearing_and_share_leaves_that_share(draft, edit, bearing, share):
    line = cut_line(edition_id=draft.pk, code=A1, bearing=bearing, share=share)
    done = split_cell(edit=edit(), code=A1, line=line)
    areas = [float(draft.shapes.get(code=code).area_m2) for code in done.codes]
    assert min(areas) / sum(areas) == pytest.approx(min(share, 1 - share), abs=0.005)


def test_a_line_to_the_north_leaves_its_share_in_the_west(draft, edit):
    line = cut_line(edition_id=draft.pk, code=A1, bearing=0, share=0.2)
    west, _south, east, _north = square(0, 0, 0).extent
    assert (line.coords[0][0] - west) / (east - west) == pytest.approx(0.2, abs=0.02)
    assert line.coords[0][1] < line.coords[1][1]


def test_cells_are_joined_into_one_that_is_described_as_the_largest(draft, edit):
    draft.shapes.filter(code=A2).update(area_m2=99_999, responsible_body="台基厂社区居委会")
    done = merge_cells(edit=edit(), codes=[A1, A2])
    made = draft.shapes.get(code=done.codes[0])
    assert (made.code, made.origins) == ("110101001001004", [A1, A2])
    assert made.responsible_body == "台基厂社区居委会"
    assert made.geom.geom_type == "Polygon"
    assert float(made.area_m2) == pytest.approx(20_500, rel=0.01)
    assert codes_of(draft, ends=True) == {A1, A2}


@pytest.mark.parametrize("codes", [[A1], [A1, A3], [A1, "110101001002001"], [A1, "999"]])
def test_what_cannot_be_one_cell_is_refused(draft, edit, codes):
    with pytest.raises(Invalid) as refused:
        merge_cells(edit=edit(), codes=codes)
    assert "codes" in refused.value.fields


def test_pieces_that_are_joined_again_know_the_first_code(draft, edit):
    pieces = split_cell(edit=edit(), code=A1, line=across(0, 0)).codes
    (whole,) = merge_cells(edit=edit(), codes=pieces).codes
    assert draft.shapes.get(code=whole).origins == [A1]
    assert not draft.shapes.filter(code__in=pieces, ends=True).exists()


def test_what_was_done_is_taken_back(draft, edit):
    before = codes_of(draft, ends=False)
    merge_cells(edit=edit(), codes=[A1, A2])
    done = restore_cell(edit=edit(), code=A2)
    assert done.codes == [A1, A2]
    assert codes_of(draft, ends=False) == before
    with pytest.raises(Invalid):
        restore_cell(edit=edit(), code=A2)


def test_a_cell_is_voided_with_a_reason_and_leaves_a_gap(district, draft, edit):
    with pytest.raises(Invalid):
        void_cell(edit=edit(), code="110101001002003", reason=" ")
    void_cell(edit=edit(), code="110101001002003", reason="并入河道管理范围")
    assert draft.shapes.get(code="110101001002003").end_reason == "并入河道管理范围"
    assert set(check(district, draft)) == {"gap"}


def test_serials_of_former_editions_and_gaps_in_them_are_counted(draft, edit):
    draft.shapes.filter(code=A3).update(code="110101001001998")
    done = split_cell(edit=edit(), code=A1, line=across(0, 0))
    # 999 is the last; then what was never used: A3 was, in the current edition
    assert done.codes == ["110101001001999", "110101001001004"]


def test_a_community_with_all_its_serials_used_says_so(draft, edit, monkeypatch):
    monkeypatch.setattr(
        "parts.services.grid.editing.free_serials", lambda used, wanted, most: full(wanted)
    )

    def full(wanted):
        from parts.numbering import SerialsExhausted

        raise SerialsExhausted(wanted)

    with pytest.raises(Invalid) as refused:
        split_cell(edit=edit(), code=A1, line=across(0, 0))
    assert "999" in str(refused.value)
    assert "110101001001" in str(refused.value)


def test_cells_are_described_many_at_once(draft, edit):
    values = {"management_class": "2", "limit_area": "A", "responsible_body": "环卫中心"}
    describe_cells(edit=edit(), codes=[A1, A2], values=values)
    found = draft.shapes.filter(code__in=[A1, A2])
    assert set(found.values_list(*values)) == {("2", "A", "环卫中心")}


@pytest.mark.parametrize(
    ("field", "value"),
    [("management_class", "3"), ("limit_area", "D"), ("land_use", "XX")],
)
def test_attributes_that_are_none_are_refused(draft, edit, field, value):
    with pytest.raises(Invalid) as refused:
        describe_cells(edit=edit(), codes=[A1], values={field: value})
    assert field in refused.value.fields


def test_an_area_is_named_and_followed(draft, edit):
    describe_area(edit=edit(), level="community", code="110101001002", name="台基厂新社区")
    assert draft.shapes.get(code="110101001002").name == "台基厂新社区"
    draft.shapes.filter(code="110101001002").update(ends=True)
    with pytest.raises(Invalid):
        describe_area(edit=edit(), level="community", code="110101001002", successor="110101001002")
    describe_area(edit=edit(), level="community", code="110101001002", successor="110101001001")
    assert draft.shapes.get(code="110101001002").successor_code == "110101001001"


def test_the_second_of_two_editors_is_told_and_nothing_is_lost(draft, edit):
    seen = edit()
    split_cell(edit=seen, code=A1, line=across(0, 0))
    with pytest.raises(StaleVersion) as refused:
        merge_cells(edit=seen, codes=[A2, A3])
    assert "Administrator" in str(refused.value)
    assert codes_of(draft, ends=True) == {A1}


def test_only_administrators_edit(district, edit):
    with pytest.raises(Forbidden):
        split_cell(edit=edit(actor=district.actor("acceptor-1")), code=A1, line=across(0, 0))
