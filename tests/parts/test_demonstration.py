"""The shipped district: its files, its geometry, its codes, its parts and its patrols.

Loaded once for the whole module, in a transaction that is rolled back: most tests here have no
database mark of their own, for that would load the district for each of them.
"""

from __future__ import annotations

import csv
import random
import shutil
from datetime import UTC, date, datetime

import pytest
from django.conf import settings
from django.db import connection, transaction

from gridcity.contracts import CLOCK, Actor, Forbidden, Invalid, Role
from gridcity.models import User
from parts import codes
from parts.drawing.district import draw_areas
from parts.models import CatalogueClass, Cell, CellHeir, Community, Edition, Part, Place, Street
from parts.partition import components
from parts.selectors.drafts import cell_on
from parts.services.demonstration import Loaded, load_district
from parts.services.edition_demonstration import load_editions
from parts.services.patrols import assign_patrols, plan_patrols

FIXTURES = settings.BASE_DIR / "fixtures"
AT = datetime(2026, 6, 10, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """The district in the test database."""
    with django_db_blocker.unblock():
        with transaction.atomic():
            yield load_district(actor=CLOCK, at=AT)
            transaction.set_rollback(True)
        connection.close()


on_loaded = pytest.mark.usefixtures("loaded")


def answer(sql: str, *params: object):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchone()[0]


@on_loaded
def test_it_has_the_published_streets_and_communities():
    with (FIXTURES / "communities.csv").open(encoding="utf-8") as handle:
        published = {row["code"]: row["name"] for row in csv.DictReader(handle)}
    assert dict(Community.objects.values_list("code", "name")) == published
    assert Street.objects.count() == 17
    assert Edition.objects.get().state == Edition.State.CURRENT


@on_loaded
def test_streets_lie_near_their_published_areas():
    with (FIXTURES / "streets.csv").open(encoding="utf-8") as handle:
        published = {row["code"]: float(row["land_km2"]) for row in csv.DictReader(handle)}
    for code, wanted in published.items():
        drawn = answer(
            "select st_area(geom::geography) / 1e6 from parts_street where code = %s", code
        )
        assert abs(drawn / wanted - 1) < 0.15, code


@on_loaded
def test_cells_cover_every_community_without_gap_or_overlap():
    assert 4300 < Cell.objects.count() < 4600
    assert answer("select count(*) from parts_cell where not st_isvalid(geom)") == 0
    assert (
        answer(
            "select count(*) from parts_cell a join parts_cell b on a.id < b.id"
            " and a.geom && b.geom and st_relate(a.geom, b.geom, '2********')"
        )
        == 0
    )
    worst = answer(
        "select max(st_area(st_symdifference(m.geom, c.geom)::geography)) from parts_community m"
        " join (select community_id, st_union(geom) as geom from parts_cell group by 1) c"
        " on c.community_id = m.id"
    )
    assert worst <= 0.01
    assert Community.objects.filter(cells=None).count() == 0


@on_loaded
def test_communities_cover_their_streets_and_streets_the_district():
    pairs = (("community", "street", "i.street_id = o.id"), ("street", "district", "true"))
    for inner, outer, key in pairs:
        gap = answer(
            f"select max(st_area(st_symdifference(o.geom, (select st_union(i.geom)"
            f" from parts_{inner} i where {key}))::geography)) from parts_{outer} o"
        )
        assert gap <= 0.01


@on_loaded
def test_cells_are_of_the_usual_size_and_their_area_is_computed():
    assert answer("select count(*) from parts_cell where area_m2 not between 2000 and 50000") == 0
    assert 8000 < answer("select avg(area_m2) from parts_cell") < 11000
    assert (
        answer("select max(abs(area_m2 - st_area(st_transform(geom, 4548)))) from parts_cell")
        <= 0.05
    )


@on_loaded
def test_serials_run_by_bands_from_north_to_south_then_from_west_to_east():
    wrong = answer(
        """
        with m as (select code, left(code, 12) as community, st_transform(geom, 4548) as geom
                   from parts_cell),
             n as (select community, max(st_ymax(geom)) as north from m group by 1),
             p as (select code, community, north, st_pointonsurface(geom) as p from m join n
                   using (community))
        select count(*) from (select right(code, 3)::int as given, row_number() over (
            partition by community order by floor((north - st_y(p)) / 100), st_x(p), st_y(p))
            as wanted from p) x where given <> wanted"""
    )
    assert wrong == 0
    for cell in Cell.objects.select_related("community__street")[:50]:
        parsed = codes.parse_cell_code(codes.Pattern(), cell.code)
        assert parsed.community == cell.community.code
        assert parsed.street == cell.community.street.code


@on_loaded
def test_neighbours_are_mutual_and_touch():
    assert (
        answer(
            "select count(*) from parts_cell a, unnest(a.neighbours) n"
            " join parts_cell b on b.id = n"
            " where not a.id = any(b.neighbours) or not st_intersects(a.geom, b.geom)"
        )
        == 0
    )
    assert answer("select count(*) from parts_cell where neighbours = '{}'") == 0


@on_loaded
def test_every_part_class_has_parts_of_its_kind_of_geometry():
    assert 18_000 < Part.objects.count() < 25_000
    scheme = CatalogueClass.objects.filter(scheme="CJT214-2007", kind="part")
    assert scheme.count() == 85
    assert not scheme.filter(parts=None).exists()
    kinds = {"ST_Point": "point", "ST_LineString": "line", "ST_Polygon": "polygon"}
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct k.code, k.geometry, st_geometrytype(p.geom) from parts_part p"
            " join parts_catalogueclass k on k.id = p.catalogue_class_id"
        )
        for code, wanted, found in cursor.fetchall():
            assert kinds[found] == wanted, code


@on_loaded
def test_every_part_lies_in_its_cell_and_has_a_right_code():
    assert (
        answer(
            "select count(*) from parts_part p join parts_cell c on c.id = p.cell_id"
            " where not st_dwithin(c.geom, st_pointonsurface(p.geom), 1e-8)"
        )
        == 0
    )
    pattern = codes.Pattern()
    for code, class_code in Part.objects.values_list("code", "catalogue_class__code"):
        assert codes.parse_part_code(pattern, code).class_code == class_code


@on_loaded
def test_who_answers_for_parts_has_a_right_credit_code():
    for body in ("competent", "owner", "maintainer"):
        pairs = Part.objects.values_list(f"{body}_name", f"{body}_uscc").distinct()
        assert all(bool(name) == bool(uscc) for name, uscc in pairs)
        assert all(codes.is_uscc(uscc) for _name, uscc in pairs if uscc)
    assert Part.objects.exclude(maintainer_uscc="").count() > 20_000


@on_loaded
def test_catalogues_have_every_published_class_with_initials_and_family():
    counted = {
        (scheme, kind): CatalogueClass.objects.filter(scheme=scheme, kind=kind).count()
        for scheme in ("CJT214-2007", "GBT47678.5-2026")
        for kind in ("part", "event")
    }
    assert list(counted.values()) == [85, 55, 153, 250]
    cover = CatalogueClass.objects.get(scheme="CJT214-2007", kind="part", code="0101")
    assert (cover.initials, cover.family, cover.accuracy_class) == ("ssjg", "manhole", "A")
    assert not CatalogueClass.objects.filter(initials="").exists()


@on_loaded
def test_places_are_streets_communities_and_well_known_points():
    assert Place.objects.filter(kind="region").count() == 17 + 169
    assert Place.objects.exclude(kind="region").count() >= 60
    gate = Place.objects.get(standard_name="天安门")
    assert (gate.street.code, gate.initials) == ("110101001", "tam")
    assert not Place.objects.filter(community=None, kind="point").exists()


@on_loaded
def test_loading_again_changes_nothing():
    before = answer("select sum(hashtext(p::text)::bigint) from parts_part p")
    assert load_district(actor=CLOCK, at=AT) == Loaded(0, 0, 0, 0)
    assert answer("select sum(hashtext(p::text)::bigint) from parts_part p") == before


@pytest.mark.django_db
def test_only_administrators_load():
    with pytest.raises(Forbidden):
        load_district(actor=Actor(1, "d", frozenset({Role.DISPATCHER})), at=AT)


@pytest.mark.django_db
def test_a_damaged_file_is_refused(tmp_path):
    copied = tmp_path / "fixtures"
    shutil.copytree(FIXTURES, copied)
    file = copied / "geography" / "cells.csv.gz"
    file.write_bytes(file.read_bytes() + b"\0")
    with pytest.raises(Invalid) as refused:
        load_district(actor=CLOCK, at=AT, fixtures=copied)
    assert "file" in refused.value.fields


@on_loaded
def test_drawing_anew_leaves_neither_gap_nor_overlap():
    with transaction.atomic(), connection.cursor() as cursor:
        draw_areas(cursor, FIXTURES, random.Random(1))
        cursor.execute(
            "select count(distinct community), count(*), count(distinct code),"
            " sum(st_area(geom::geography)) - st_area(st_union(geom)::geography) from drawn_cell"
        )
        communities, cells, distinct, gap = cursor.fetchone()
        transaction.set_rollback(True)
    assert communities == 169
    assert cells == distinct > 4300
    assert abs(gap) <= 0.01


@on_loaded
class TestPatrols:
    def test_every_cell_has_one_beat_by_day_and_one_by_night(self):
        plan = plan_patrols()
        everything = sorted(Cell.objects.current().values_list("pk", flat=True))
        assert sorted(cell for beat in plan.day for cell in beat.cells) == everything
        assert sorted(cell for beat in plan.night for cell in beat.cells) == everything
        assert (len(plan.day), len(plan.night)) == (235, 17)

    def test_beats_are_connected_and_of_about_eighteen_cells(self):
        touching = {
            cell: dict.fromkeys(near, 1.0)
            for cell, near in Cell.objects.values_list("pk", "neighbours")
        }
        sizes = []
        for beat in plan_patrols().day:
            assert len(components(beat.cells, touching)) == 1
            sizes.append(len(beat.cells))
        assert min(sizes) >= 10
        assert max(sizes) <= 30
        assert 18 <= sum(sizes) / len(sizes) <= 20

    def test_the_same_cells_give_the_same_plan(self):
        assert plan_patrols() == plan_patrols()

    def test_a_wrong_number_of_supervisors_is_refused(self):
        with pytest.raises(Invalid):
            assign_patrols(actor=CLOCK, at=AT, plan=plan_patrols(), day=[1], night=[2])


@pytest.fixture(scope="module")
def editions(loaded):
    """The former edition and the draft, as the demonstration adds them."""
    User.objects.create(username="demo-office", full_name="示范", roles=[Role.ADMINISTRATOR])
    load_editions(actor=CLOCK, at=AT)
    return {row.state: row for row in Edition.objects.all()}


@on_loaded
class TestEditions:
    def test_in_march_and_in_january_a_place_lay_in_other_cells(self, editions):
        new = Cell.objects.current().exclude(origins=[]).first()
        place = {"lon": new.geom.point_on_surface.x, "lat": new.geom.point_on_surface.y}
        before = cell_on(**place, on=date(2026, 1, 5))
        assert (before.edition.state, before.cell.code) == ("former", new.origins[0])
        assert cell_on(**place, on=date(2026, 3, 5)).cell.code == new.code
        assert before.cell.void_reason

    def test_former_cells_cover_the_ground_of_today_and_know_their_heirs(self, editions):
        former = editions["former"]
        shares = answer(
            "select sum(st_area(geom)) filter (where edition_id = %s)"
            " / sum(st_area(geom)) filter (where edition_id = %s) from parts_cell",
            former.pk, editions["current"].pk,
        )  # fmt: skip
        assert abs(shares - 1) < 1e-9
        assert CellHeir.objects.values("former").distinct().count() == former.cells.count()
        outcome = editions["current"].outcome["cells"]
        assert (outcome["new"], outcome["voided"]) == (12, 6)

    def test_the_draft_has_a_cut_a_join_and_a_fault_in_its_report(self, editions):
        draft = editions["draft"]
        assert draft.checked_version == draft.version
        made = draft.shapes.filter(level="cell", ends=False).exclude(origins=[])
        assert sorted(len(shape.origins) for shape in made) == [1, 1, 2]
        assert draft.findings.filter(is_fault=True, check_key="gap").count() == 1

    def test_a_second_time_nothing_is_added(self, editions):
        load_editions(actor=CLOCK, at=AT)
        assert Edition.objects.count() == 3
