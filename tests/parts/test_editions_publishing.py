"""A draft becomes the current edition: areas, cells, parts, patrols, rules; cases go on."""

from __future__ import annotations

import threading
from datetime import date

import pytest
from django.db import close_old_connections, connection

from assessment.selectors.cells import open_cases_by_cell
from cases.models import Case, Task
from cases.selectors.duplicates import duplicate_candidates
from dispatch.models import RoutingRule
from dispatch.selectors.visible import visible_cases
from gridcity.contracts import Forbidden, NotAllowed, Refused, StaleVersion
from parts.models import Cell, CellHeir, Community, Edition, Part, PatrolCell
from parts.selectors import cells_around, locate
from parts.selectors.keys import cell_ids
from parts.services.grid.drafting import discard_draft
from parts.services.grid.publishing import publish_draft
from tests.district import at, point, rule, square
from tests.parts.boundary_files import (
    areas_file,
    cells_file,
    cells_of,
    check,
    communities_of,
    draft_of,
    load,
    quiet,
    ring,
)

A1, A2, A3 = (f"110101001001{n:03d}" for n in (1, 2, 3))
NEW = "110101001001004"


def publish(district, draft, clock="09:20", version=None):
    draft.refresh_from_db()
    return publish_draft(
        actor=district.actor("administrator"), at=at(clock), edition_id=draft.pk,
        version=draft.version if version is None else version, progress=quiet,
    )  # fmt: skip


def merged(district, tmp_path):
    """A draft in which A1 and A2 are one new cell, all others as they were."""
    cells = cells_of(district)
    del cells[A1], cells[A2]
    cells[NEW] = ring(square(0, 0, 0, 2))
    draft = draft_of(district)
    load(district, draft, cells_file(tmp_path, cells))
    found = check(district, draft)
    assert not [f for rows in found.values() for f in rows if f.is_fault]
    return draft


def split_east_west(district, tmp_path, eastern=0.75):
    """A draft in which B1 is two new cells, the eastern one `eastern` of it."""
    cells = cells_of(district)
    west, south, east, north = square(0, 1, 1).extent
    edge = east - (east - west) * eastern
    del cells["110101001002001"]
    for code, (left, right) in {
        "110101001002004": (west, edge), "110101001002005": (edge, east),
    }.items():  # fmt: skip
        cells[code] = [[left, south], [right, south], [right, north], [left, north], [left, south]]
    draft = draft_of(district, "三期网格")
    load(district, draft, cells_file(tmp_path, cells))
    check(district, draft)
    return draft


# ---------------------------------------------------------------- what may be published


def test_a_draft_that_was_not_checked_is_not_published(district):
    with pytest.raises(NotAllowed):
        publish(district, draft_of(district))


def test_a_draft_with_a_fault_is_not_published(district, tmp_path):
    cells = cells_of(district)
    del cells[A1]
    draft = draft_of(district)
    load(district, draft, cells_file(tmp_path, cells))
    check(district, draft)
    with pytest.raises(NotAllowed):
        publish(district, draft)


def test_a_change_after_the_check_asks_for_another_check(district, tmp_path):
    draft = merged(district, tmp_path)
    load(district, draft, cells_file(tmp_path, cells_of(district)))
    with pytest.raises(NotAllowed):
        publish(district, draft)


def test_only_administrators_publish(district, tmp_path):
    draft = merged(district, tmp_path)
    with pytest.raises(Forbidden):
        publish_draft(
            actor=district.actor("duty-chief-1"), at=at(), edition_id=draft.pk,
            version=draft.version, progress=quiet,
        )  # fmt: skip


# ---------------------------------------------------------------- what changes


def test_the_draft_is_current_and_the_former_edition_stays(district, tmp_path):
    former = Edition.objects.get(state="current")
    draft = publish(district, merged(district, tmp_path))
    draft.refresh_from_db()
    former.refresh_from_db()
    assert (draft.state, former.state) == ("current", "former")
    assert former.superseded_at == draft.published_at == at("09:20")
    assert draft.cells.count() == 11
    assert former.cells.count() == 12
    assert not draft.shapes.exists()
    lon, lat = point(1, 0)
    assert locate(lon=lon, lat=lat).cell_code == NEW


def test_cells_keep_what_they_were_and_new_ones_are_measured(district, tmp_path):
    Cell.objects.filter(code=A3).update(responsible_body="多福巷社区居委会", limit_area="C")
    draft = publish(district, merged(district, tmp_path))
    kept, new = draft.cells.get(code=A3), draft.cells.get(code=NEW)
    assert (kept.responsible_body, kept.limit_area, kept.initial_on) == (
        "多福巷社区居委会", "C", date(2020, 1, 1),
    )  # fmt: skip
    assert new.initial_on == date(2026, 6, 10)
    assert float(new.area_m2) == pytest.approx(20_500, rel=0.01)
    codes = set(Cell.objects.filter(pk__in=new.neighbours).values_list("code", flat=True))
    assert codes == {A3, "110101001002001", "110101001002002", "110101001002003"}


def test_codes_that_are_no_more_are_voided_with_their_reason(district, tmp_path):
    publish(district, merged(district, tmp_path))
    voided = Cell.objects.filter(end_on__isnull=False)
    assert sorted(voided.values_list("code", flat=True)) == [A1, A2]
    assert {cell.end_on for cell in voided} == {date(2026, 6, 10)}
    assert all("二期网格" in cell.void_reason for cell in voided)


def test_parts_follow_into_the_cells_that_cover_them(district, tmp_path):
    draft = publish(district, merged(district, tmp_path))
    first = Part.objects.get(pk=district.parts[0].pk)
    assert (first.cell.code, first.cell.edition_id) == (NEW, draft.pk)
    assert set(Part.objects.values_list("cell__edition_id", flat=True)) == {draft.pk}
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from parts_parthistory")
        assert cursor.fetchone() == (0,)


def test_a_part_that_changes_its_community_keeps_the_old_one_in_its_history(district, tmp_path):
    areas = communities_of(district)
    _name, shape = areas.pop("110101001001")
    areas["110101001005"] = ("新多福巷社区", shape)
    cells = {
        (f"110101001005{code[12:]}" if code.startswith("110101001001") else code): points
        for code, points in cells_of(district).items()
    }
    draft = draft_of(district)
    load(district, draft, areas_file(tmp_path, areas), level="community")
    load(district, draft, cells_file(tmp_path, cells))
    assert check(district, draft) == {}
    publish(district, draft)
    part = Part.objects.get(pk=district.parts[0].pk)
    assert part.community.code == "110101001005"
    with connection.cursor() as cursor:
        cursor.execute("select community_id from parts_parthistory")
        assert cursor.fetchall() == [(district.communities["110101001001"].pk,)]


def test_communities_come_go_and_change_their_names_on_the_day(district, tmp_path):
    areas = communities_of(district)
    _name, shape = areas.pop("110101001001")
    areas["110101001005"] = ("新多福巷社区", shape)
    areas["110101001002"] = ("台基厂新社区", areas["110101001002"][1])
    cells = {
        (f"110101001005{code[12:]}" if code.startswith("110101001001") else code): points
        for code, points in cells_of(district).items()
    }
    draft = draft_of(district)
    load(district, draft, areas_file(tmp_path, areas), level="community")
    load(district, draft, cells_file(tmp_path, cells))
    check(district, draft)
    assert Community.objects.get(code="110101001002").name == "台基厂社区"
    draft = publish(district, draft)
    old = Community.objects.get(code="110101001001")
    new = Community.objects.get(code="110101001005")
    assert (new.valid_from, new.valid_to, new.street.code) == (
        date(2026, 6, 10), None, "110101001",
    )  # fmt: skip
    assert (old.valid_to, old.successor) == (date(2026, 6, 9), new)
    assert Community.objects.get(code="110101001002").name == "台基厂新社区"
    said = draft.outcome["areas"]["community"]
    assert said["new"] == ["110101001005"]
    assert said["renamed"] == [["110101001002", "台基厂社区", "台基厂新社区"]]
    assert said["ended"] == [["110101001001", "110101001005"]]


def test_patrols_follow_the_ground_and_the_report_says_which_changed(district, tmp_path):
    draft = publish(district, merged(district, tmp_path))
    assert not PatrolCell.objects.exclude(cell__edition=draft).exists()
    walked = PatrolCell.objects.filter(patrol__supervisor__username="supervisor-1")
    codes = set(walked.values_list("cell__code", flat=True))
    assert NEW in codes
    assert len(codes) == 5
    changed = draft.outcome["patrols"]["changed"]
    assert [(row["before"], row["after"], row["gained"]) for row in changed] == [
        (6, 5, [NEW]), (6, 5, [NEW]),
    ]  # fmt: skip
    assert draft.outcome["patrols"]["unwalked"] == 0


def test_a_patrol_whose_cells_went_into_others_is_not_lost(district, tmp_path):
    # supervisor-1 walks A2 alone, and most of the merged cell is A1's, which nobody else walks
    PatrolCell.objects.filter(patrol__supervisor__username="supervisor-1").exclude(
        cell__code=A2
    ).delete()
    cells = cells_of(district)
    west, south, east, north = square(0, 0, 0, 2).extent
    low = south + (north - south) / 10
    del cells[A1], cells[A2]
    cells[NEW] = [[west, low], [east, low], [east, north], [west, north], [west, low]]
    cells["110101001001005"] = [
        [west, south],
        [east, south],
        [east, low],
        [west, low],
        [west, south],
    ]
    draft = draft_of(district)
    load(district, draft, cells_file(tmp_path, cells))
    check(district, draft)
    publish(district, draft)
    codes = PatrolCell.objects.filter(patrol__supervisor__username="supervisor-1")
    assert set(codes.values_list("cell__code", flat=True)) >= {NEW}


def test_rules_of_a_cell_go_over_to_the_cell_that_took_its_ground(district, tmp_path):
    one = rule(district, "event", "0501", "110101001", "s201", False)
    one.area_scope, one.area_code = "cell", "110101001002001"
    one.save()
    draft = publish(district, split_east_west(district, tmp_path))
    new = ["110101001002004", "110101001002005"]
    for code in new:
        copied = RoutingRule.objects.get(area_code=code)
        assert (copied.class_code, copied.department, copied.valid_from) == (
            "0501", district.departments["s201"], date(2026, 6, 10),
        )  # fmt: skip
    assert RoutingRule.objects.get(area_code="110101001002001").valid_to is None
    assert draft.outcome["rules"] == {"copied": 2, "codes": new}


# ---------------------------------------------------------------- running cases


def test_a_running_case_keeps_its_cell_and_goes_on_to_its_end(district, walk, tmp_path):
    run = walk("HANDLING", cell=(0, 0))
    cell = run.case.cell
    publish(district, merged(district, tmp_path), clock="10:30")
    for step in ("finish", "send_check", "check_passed", "close"):
        run.step(step)
    assert run.case.state == "CLOSED"
    assert run.case.cell == cell
    assert run.case.cell.edition.state == "former"


def test_a_task_of_a_running_case_goes_to_whoever_walks_the_place_today(district, walk, tmp_path):
    run = walk("TO_CHECK", cell=(0, 1))
    draft = split_east_west(district, tmp_path)
    publish(district, draft, clock="10:30")
    # the western strip has another supervisor now than the rest, where the case lies
    PatrolCell.objects.filter(cell__code="110101001002005", cell__edition=draft).delete()
    patrol = PatrolCell.objects.filter(patrol__supervisor__username="supervisor-2").first().patrol
    PatrolCell.objects.create(patrol=patrol, cell=draft.cells.get(code="110101001002005"))
    run.step("send_check")
    assert Task.objects.get(case=run.case, ended_at=None).assignee.username == "supervisor-2"


def test_a_case_not_yet_filed_is_located_in_the_new_edition(district, walk, tmp_path):
    run = walk("TO_FILE", cell=(0, 0))
    draft = publish(district, merged(district, tmp_path), clock="10:30")
    run.step("file")
    assert (run.case.cell.code, run.case.cell.edition) == (NEW, draft)


def test_supervisors_see_the_open_cases_of_former_cells_on_their_ground(
    district, make_case, tmp_path
):
    case = make_case("TO_FILE", cell=(0, 0), by="acceptor-1", source="LEADER")
    supervisor = district.actor("supervisor-1")
    assert visible_cases(supervisor).filter(pk=case.pk).exists()
    publish(district, merged(district, tmp_path), clock="10:30")
    assert visible_cases(supervisor).filter(pk=case.pk).exists()
    assert not visible_cases(district.actor("supervisor-2")).filter(pk=case.pk).exists()


def test_duplicates_are_found_across_editions(district, make_case, tmp_path):
    case = make_case("HANDLING", cell=(0, 0))
    draft = publish(district, merged(district, tmp_path), clock="10:30")
    cell = draft.cells.get(code=NEW)
    found = duplicate_candidates(
        class_id=case.catalogue_class_id, cell_id=cell.pk, point=case.point, part_id=None,
        at=at("11:00"),
    )  # fmt: skip
    assert [candidate.number for candidate in found] == [case.number]
    assert "same_cell" in found[0].reasons


def test_open_cases_are_counted_in_the_cells_of_today_and_listed_alike(
    district, make_case, tmp_path
):
    for cell in ((0, 0), (0, 0), (1, 0), (2, 2)):
        make_case("TO_FILE", cell=cell)
    publish(district, merged(district, tmp_path), clock="10:30")
    actor = district.actor("duty-chief-1")
    counts = open_cases_by_cell(actor)
    assert counts == {NEW: 3, "110101002001005": 1}
    for code, count in counts.items():
        assert Case.objects.filter(cell_id__in=cell_ids(code)).count() == count
    # whoever looks for the old code finds what was filed in it
    assert Case.objects.filter(cell_id__in=cell_ids(A1)).count() == 2


def test_heirs_reach_over_two_publications(district, make_case, tmp_path):
    case = make_case("HANDLING", cell=(0, 0))
    publish(district, merged(district, tmp_path), clock="10:30")
    district.cells = {
        (n, 0): cell for n, cell in enumerate(Cell.objects.current().order_by("code"))
    }
    last = publish(district, split_east_west(district, tmp_path), clock="10:40")
    (heir,) = CellHeir.objects.filter(former=case.cell, is_main=True)
    assert (heir.heir.code, heir.heir.edition) == (NEW, last)
    around = cells_around(heir.heir_id)
    assert case.cell_id in around.here
    former = Cell.objects.get(code="110101001002001", edition__published_at=at("10:30"))
    shares = {h.heir.code: h.area_m2 for h in former.heirs.all()}
    assert shares["110101001002005"] == pytest.approx(3 * shares["110101001002004"], rel=0.01)


# ---------------------------------------------------------------- two at once


def test_the_second_editor_is_told_who_was_first(district, tmp_path):
    draft = merged(district, tmp_path)
    seen = draft.version
    load(district, draft, cells_file(tmp_path, cells_of(district)))
    with pytest.raises(StaleVersion) as refused:
        publish(district, draft, version=seen)
    assert "Administrator" in str(refused.value)
    assert "2026-06-10 09:05" in str(refused.value)


def test_the_second_of_two_drafts_is_refused_in_words(district, tmp_path):
    first, second = merged(district, tmp_path), split_east_west(district, tmp_path)
    publish(district, first)
    with pytest.raises(NotAllowed) as refused:
        publish(district, second)
    assert "二期网格" in str(refused.value)


def test_a_published_draft_can_be_neither_published_nor_thrown_away_again(district, tmp_path):
    draft = publish(district, merged(district, tmp_path))
    with pytest.raises(NotAllowed):
        publish(district, draft)
    with pytest.raises(NotAllowed):
        discard_draft(
            actor=district.actor("administrator"), at=at(), edition_id=draft.pk,
            version=draft.version,
        )  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_of_two_who_publish_at_the_same_moment_one_wins(district, tmp_path):
    draft = merged(district, tmp_path)
    version, start, said = draft.version, threading.Barrier(2), []

    def run():
        start.wait()
        try:
            publish_draft(
                actor=district.actor("administrator"), at=at(), edition_id=draft.pk,
                version=version, progress=quiet,
            )  # fmt: skip
            said.append("published")
        except Refused as refusal:
            said.append(refusal.status)
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=run) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said, key=str) == [409, "published"]
    assert Edition.objects.filter(state="current").count() == 1


def test_a_publication_that_fails_at_its_end_changes_nothing(district, tmp_path):
    draft = merged(district, tmp_path)

    def lost(result):
        raise ConnectionError(result)

    with pytest.raises(ConnectionError):
        publish_draft(
            actor=district.actor("administrator"), at=at(), edition_id=draft.pk,
            version=draft.version, progress=quiet, finish=lost,
        )  # fmt: skip
    draft.refresh_from_db()
    assert draft.state == "draft"
    assert draft.cells.count() == 0
    assert Cell.objects.current().count() == 12
