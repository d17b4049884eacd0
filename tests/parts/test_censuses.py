"""The yearly census: what it looks for is fixed, what is found is counted, nothing is lost."""

from __future__ import annotations

import re
from datetime import date
from html import unescape

import pytest
from django.contrib.gis.geos import Point
from django.db import IntegrityError, transaction

from gridcity.contracts import Forbidden, Invalid, NotAllowed, NotVisible
from jobs.running import run_job
from jobs.services import cancel_job
from parts.models import Census, CensusCell, CensusPart, Part, PatrolCell
from parts.photos import encode_photo
from parts.selectors import censuses
from parts.selectors.censuses import (
    cells_to_walk,
    progress_by_class,
    progress_by_street,
    total_progress,
)
from parts.services.censuses import (
    CensusInput,
    ask_again,
    ask_census,
    close_census,
    discard_census,
    end_cell,
    note_proposal,
    open_census,
    tick,
)
from parts.services.proposals import ProposalInput, ProposalShot, propose
from tests.district import point
from tests.photos import upload

DAYS = {"begins_on": date(2026, 6, 1), "ends_on": date(2026, 6, 30)}


@pytest.fixture
def admin(district, at):
    return {"actor": district.actor("administrator"), "at": at()}


@pytest.fixture
def walker(district, at):
    return {"actor": district.actor("supervisor-1"), "at": at("14:00")}


@pytest.fixture
def opened(admin):
    def do(**said):
        made = ask_census(**admin, said=CensusInput(**{"name": "年度普查"} | DAYS | said))
        return open_census(**admin, census_id=made.pk, progress=silent)

    return do


def silent(*_told):
    """Nobody listens to the progress."""


def part_of(code="1101010101000001"):
    return CensusPart.objects.get(part__code=code)


class TestOpening:
    def test_the_whole_district_is_every_cell_and_every_standing_part(self, opened, district):
        Part.objects.filter(pk=district.parts[1].pk).update(state="lost", change_on="2026-01-01")
        total = total_progress(opened())
        assert (total.cells, total.parts, total.looked) == (12, 2, 0)

    def test_streets_cells_and_classes_narrow_it(self, opened, district):
        assert total_progress(opened(name="一", streets=["110101001"])).parts == 2
        census = opened(name="二", cells=["110101001001001", "110101001001002"])
        assert (total_progress(census).cells, total_progress(census).parts) == (2, 1)
        assert total_progress(opened(name="三", classes=["0101"])).parts == 3

    def test_what_comes_later_is_not_looked_for(self, opened, district):
        census = opened()
        first = district.parts[0]
        Part.objects.create(
            code="1101010101000009", catalogue_class=first.catalogue_class, name="新",
            geom=Point(*point(0, 0, 0.9), srid=4490), cell=first.cell, street=first.street,
            community=first.community, initial_on=first.initial_on,
        )  # fmt: skip
        assert total_progress(census).parts == 3

    @pytest.mark.parametrize(
        ("said", "field"),
        [
            ({"name": " "}, "name"),
            ({"ends_on": date(2026, 5, 1)}, "ends_on"),
            ({"begins_on": date(2026, 1, 1), "ends_on": date(2026, 6, 9)}, "ends_on"),
            ({"streets": ["110101999"]}, "streets"),
            ({"cells": ["1"]}, "cells"),
            ({"classes": ["9999"]}, "classes"),
        ],
    )
    def test_what_cannot_be_is_refused_at_its_field(self, opened, said, field):
        with pytest.raises(Invalid) as refused:
            opened(**said)
        assert field in refused.value.fields
        assert not Census.objects.exists()

    def test_a_name_is_given_once_and_only_administrators_open(self, opened, district, at):
        opened()
        with pytest.raises(Invalid):
            opened()
        with pytest.raises(Forbidden):
            ask_census(
                actor=district.actor("supervisor-1"), at=at(),
                said=CensusInput(name="x", **DAYS),
            )  # fmt: skip


class TestTheWorkThatOpens:
    @pytest.fixture
    def asked(self, admin):
        return ask_census(**admin, said=CensusInput(name="年度普查", **DAYS))

    def test_until_it_is_done_nobody_walks_ends_or_ticks_the_census(self, asked, admin, district):
        assert (asked.state, asked.opened_at) == ("opening", None)
        assert not CensusCell.objects.exists()
        with pytest.raises(NotAllowed, match="尚未发起完成"):
            close_census(**admin, census_id=asked.pk)
        assert run_job(job_id=asked.opening_job_id).result == {"cells": 12, "parts": 3}
        asked.refresh_from_db()
        assert asked.state == "open"

    def test_it_is_opened_once(self, asked, admin):
        run_job(job_id=asked.opening_job_id)
        with pytest.raises(NotAllowed):
            open_census(**admin, census_id=asked.pk, progress=silent)
        for refused in (ask_again, discard_census):
            with pytest.raises(NotAllowed):
                refused(**admin, census_id=asked.pk)

    def test_what_is_stopped_leaves_nothing_and_is_tried_again(self, asked, admin):
        cancel_job(**admin, job_id=asked.opening_job_id)
        assert run_job(job_id=asked.opening_job_id).state == "cancelled"
        assert not CensusCell.objects.exists()
        again = ask_again(**admin, census_id=asked.pk)
        with pytest.raises(NotAllowed):
            discard_census(**admin, census_id=asked.pk)
        assert run_job(job_id=again.opening_job_id).state == "done"
        assert total_progress(asked).parts == 3

    def test_stopped_half_way_it_is_rolled_back(self, asked, admin):
        class Stopped(Exception):
            pass

        def stop(_step, done, _total):
            if done:
                raise Stopped

        with pytest.raises(Stopped):
            open_census(**admin, census_id=asked.pk, progress=stop)
        assert not CensusPart.objects.exists()
        asked.refresh_from_db()
        assert asked.state == "opening"

    def test_with_nothing_to_look_at_it_fails_and_can_be_taken_back(self, admin, district):
        made = ask_census(**admin, said=CensusInput(name="空", classes=["0301"], **DAYS))
        job = run_job(job_id=made.opening_job_id)
        assert job.state == "failed"
        assert "classes" in job.fields
        assert discard_census(**admin, census_id=made.pk) == "空"
        assert not Census.objects.exists()
        ask_census(**admin, said=CensusInput(name="空", **DAYS))

    def test_the_database_knows_which_instants_a_state_has(self, asked, at):
        for wrong in ({"state": "open"}, {"opened_at": at()}, {"state": "closed"}):
            refused = pytest.raises(IntegrityError, match="census_instants_fit_state")
            with refused, transaction.atomic():
                Census.objects.filter(pk=asked.pk).update(**wrong)


class TestWalking:
    def test_ticks_are_counted_by_street_class_and_in_all(self, opened, walker):
        census = opened()
        tick(**walker, census_part_id=part_of().pk, found="present")
        tick(**walker, census_part_id=part_of("1101010101000003").pk, found="gone")
        total = total_progress(census)
        assert (total.present, total.gone, total.percent) == (1, 1, pytest.approx(66.7, abs=0.1))
        first, second = progress_by_street(census)
        assert (first.parts, first.present, second.gone) == (2, 1, 1)
        (covers,) = progress_by_class(census)
        assert (covers.code, covers.parts, covers.looked) == ("0101", 3, 2)

    def test_the_last_word_counts(self, opened, walker):
        opened()
        for found in ("gone", "present"):
            tick(**walker, census_part_id=part_of().pk, found=found)
        assert part_of().found == "present"

    def test_a_cell_ends_when_all_is_ticked_or_the_rest_is_there(self, opened, walker):
        opened()
        cell = part_of().census_cell_id
        with pytest.raises(NotAllowed):
            end_cell(**walker, census_cell_id=cell, rest_present=False)
        done = end_cell(**walker, census_cell_id=cell, rest_present=True)
        assert done.done_by_id == walker["actor"].user_id
        assert part_of().found == "present"

    def test_a_field_update_ticks_its_part(self, opened, walker):
        opened()
        made = propose(
            **walker, photos=[ProposalShot(encode_photo(upload()))],
            said=ProposalInput(kind="gone", part_code="1101010101000001"),
        )  # fmt: skip
        assert note_proposal(**walker, proposal=made) == 1
        assert (part_of().found, part_of().proposal) == ("gone", made)

    @pytest.mark.parametrize("day", ["2026-05-31", "2026-07-01"])
    def test_outside_its_days_nothing_is_ticked(self, opened, walker, at, day):
        opened()
        with pytest.raises(NotAllowed):
            tick(**walker | {"at": at(on=day)}, census_part_id=part_of().pk, found="present")

    def test_after_its_end_nothing_is_ticked(self, opened, walker, admin):
        census = opened()
        close_census(**admin, census_id=census.pk)
        with pytest.raises(NotAllowed):
            tick(**walker, census_part_id=part_of().pk, found="present")
        with pytest.raises(NotAllowed):
            close_census(**admin, census_id=census.pk)

    def test_unknown_parts_answers_and_other_roles_are_refused(self, opened, walker, admin):
        opened()
        with pytest.raises(NotVisible):
            tick(**walker, census_part_id=0, found="present")
        with pytest.raises(Invalid):
            tick(**walker, census_part_id=part_of().pk, found="maybe")
        with pytest.raises(Forbidden):
            tick(**admin, census_part_id=part_of().pk, found="present")

    def test_a_supervisor_has_the_cells_of_his_patrols(self, opened, walker, district):
        opened()
        cells = cells_to_walk(user_id=district.user("supervisor-1").pk, on=date(2026, 6, 10))
        assert [cell.cell.code[:9] for cell in cells] == ["110101001"] * 6
        PatrolCell.objects.all().delete()
        assert cells_to_walk(user_id=district.user("supervisor-1").pk, on=date(2026, 6, 10)) == []


class TestPages:
    @pytest.fixture(autouse=True)
    def _wednesday(self, clock):
        """Pages see the tests' day."""

    def test_a_census_is_opened_walked_and_watched(self, browser_client, district):
        office = browser_client.enter(district.user("administrator"))
        said = {"name": "2026 年普查", "begins_on": "2026-06-01", "ends_on": "2026-06-30",
                "streets": ["110101001"]}  # fmt: skip
        response = office.post("/district/censuses/new/", said)
        assert response.status_code == 302
        address = response["Location"]
        assert "正在发起" in office.get(address).content.decode()
        assert "正在发起" in office.get("/district/censuses/").content.decode()
        assert run_job(job_id=Census.objects.get().opening_job_id).state == "done"
        phone = browser_client.enter(district.user("supervisor-1"))
        cell = part_of().census_cell_id
        html = phone.get("/patrol/parts/").content.decode()
        assert f"/patrol/census/{cell}/" in html
        assert "其余 3 个网格" in html  # of six: what stands nearby is not pushed off the screen
        assert part_of().part.name in phone.get(f"/patrol/census/{cell}/").content.decode()
        ticked = phone.post(
            f"/patrol/census/tick/{part_of().pk}/", {"found": "present"},
            headers={"HX-Request": "true"},
        )  # fmt: skip
        assert 'aria-pressed="true"' in ticked.content.decode()
        assert phone.post(f"/patrol/census/{cell}/end/", {}).status_code == 302
        assert CensusCell.objects.get(pk=cell).done_at is not None
        office = browser_client.enter(district.user("administrator"))
        html = unescape(office.get(address).content.decode())
        assert "1 / 2 (50.0 %)" in html
        assert "1 / 2" in unescape(office.get("/district/censuses/").content.decode())
        assert office.post(f"{address}close/").status_code == 302
        assert "已结束" in office.get(address).content.decode()

    def test_one_that_could_not_be_opened_says_why_and_goes_on(self, browser_client, district):
        office = browser_client.enter(district.user("administrator"))
        said = {"name": "空", "begins_on": "2026-06-01", "ends_on": "2026-06-30",
                "classes": ["0301"]}  # fmt: skip
        address = office.post("/district/censuses/new/", said)["Location"]
        run_job(job_id=Census.objects.get().opening_job_id)
        html = unescape(office.get(address).content.decode())
        assert "所选网格内没有所选小类的在位部件" in html
        assert office.post(f"{address}again/").status_code == 302
        assert office.post(f"{address}discard/").status_code == 409
        run_job(job_id=Census.objects.get().opening_job_id)
        assert office.post(f"{address}discard/")["Location"] == "/district/censuses/"
        assert office.get(address).status_code == 404

    def test_a_cell_that_is_not_ticked_says_so(self, browser_client, district, opened):
        opened()
        phone = browser_client.enter(district.user("supervisor-1"))
        cell = part_of().census_cell_id
        html = phone.post(f"/patrol/census/{cell}/end/", follow=True).content.decode()
        assert "还有 1 个部件未核实" in unescape(html)

    def test_only_administrators_watch_and_only_supervisors_walk(
        self, browser_client, district, opened
    ):
        census = opened()
        cell = part_of().census_cell_id
        for path, role in (
            ("/district/censuses/", "administrator"),
            ("/district/censuses/new/", "administrator"),
            (f"/district/censuses/{census.pk}/", "administrator"),
            (f"/patrol/census/{cell}/", "supervisor-1"),
        ):
            for name in ("administrator", "supervisor-1", "official-1"):
                client = browser_client.enter(district.user(name))
                assert client.get(path).status_code == (200 if name == role else 403), path

    def test_all_its_cells_are_paged_and_narrowed_with_their_counts(
        self, browser_client, district, opened, walker, monkeypatch
    ):
        monkeypatch.setattr(censuses, "CELLS_ON_PAGE", 5)
        address = f"/district/censuses/{opened().pk}/"
        end_cell(**walker, census_cell_id=part_of().census_cell_id, rest_present=True)
        office = browser_client.enter(district.user("administrator"))

        def listed(query):
            html = unescape(office.get(address + query).content.decode())
            rows = html[html.index('id="cells"') :]
            after = re.search(r'rel="next" href="(\?[^"]+)"', rows)
            total = re.search(r"共 (\d+) 条", rows)
            codes = re.findall(r'gc-code"[^>]*>(\d{15})<', rows)
            return codes, total and int(total.group(1)), after and after.group(1)

        every = sorted(cell.code for cell in district.cells.values())
        found, after = [], "?"
        while after:
            codes, total, after = listed(after)
            assert (len(codes) <= 5, total) == (True, 12)
            found += codes
        assert found == every
        done = part_of().census_cell.cell.code
        assert listed("?done=done") == ([done], 1, None)
        assert listed("?done=open")[1] == 11
        assert done not in listed("?done=open")[0]
        street = listed("?street=110101001")
        assert street[0] == [code for code in every if code.startswith("110101001")][:5]
        community = every[0][:12]
        assert listed(f"?community={community}")[1] == sum(c.startswith(community) for c in every)
        assert listed("?community=999999999999") == ([], 0, None)
        assert office.get(f"{address}?cursor=x").status_code == 400

    def test_the_parts_of_a_page_of_cells_are_counted_in_as_many_queries_as_of_one_cell(
        self, opened, monkeypatch, django_assert_num_queries
    ):
        census = opened()
        for size in (1, 12):
            monkeypatch.setattr(censuses, "CELLS_ON_PAGE", size)
            with django_assert_num_queries(3):
                page = censuses.list_census_cells(census, censuses.CellFilter())
            assert len(page.rows) == size
