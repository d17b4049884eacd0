"""Division of communities: it covers, overlaps nowhere, and is numbered in order."""

from __future__ import annotations

import itertools
import math
import random
from io import StringIO

import pytest
from django.conf import settings
from django.contrib.gis.geos import LineString, MultiLineString, Polygon
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given
from hypothesis import settings as rules
from hypothesis import strategies as st

from gridcity.contracts import Invalid
from parts import division
from parts.models import DraftShape, Edition, Road
from parts.numbering import BAND_M, SerialsExhausted, free_serials, in_order
from parts.services.grid.dividing import Wish, divide_draft
from parts.services.grid.editing import Edit
from tests.district import at, point
from tests.parts.boundary_files import check, draft_of, feature, geojson, quiet

# ---------------------------------------------------------------- pure rules

numbers = st.floats(-5000, 5000, allow_nan=False)


@given(st.dictionaries(st.integers(1, 999), st.tuples(numbers, numbers), min_size=1))
def test_cells_are_numbered_band_by_band_from_the_north_then_from_the_west(points):
    north = max(y for _x, y in points.values())
    order = in_order(points, north)
    assert sorted(order) == sorted(points)
    placed = [(int((north - points[k][1]) // BAND_M), points[k][0], points[k][1]) for k in order]
    assert placed == sorted(placed)


@given(st.sets(st.integers(1, 99)), st.integers(1, 120))
def test_free_serials_are_new_and_follow_the_highest_first(used, wanted):
    if wanted > 99 - len(used):
        with pytest.raises(SerialsExhausted):
            free_serials(used, wanted, 99)
        return
    found = free_serials(used, wanted, 99)
    assert len(set(found)) == wanted
    assert not set(found) & used
    assert all(1 <= serial <= 99 for serial in found)
    top = max(used, default=0)
    assert found[: 99 - top] == list(range(top + 1, min(99, top + wanted) + 1))


@given(
    st.lists(st.floats(1, 20_000), min_size=1, max_size=12),
    st.randoms(use_true_random=False),
)
def test_no_plot_with_a_neighbour_stays_a_sliver(sizes, dice):
    areas = dict(enumerate(sizes))
    borders = {}
    for one in areas:
        for other in range(one):
            if dice.random() < 0.4:
                metres = dice.uniform(1, 200)
                borders.setdefault(one, {})[other] = metres
                borders.setdefault(other, {})[one] = metres
    heads = division.without_slivers(areas, borders, 4_000)
    assert heads.keys() == areas.keys()
    for head in set(heads.values()):
        group = [plot for plot, own in heads.items() if own == head]
        beside = {o for plot in group for o in borders.get(plot, {})} - set(group)
        assert heads[head] == head
        assert sum(areas[plot] for plot in group) >= 4_000 or not beside


def test_a_cut_without_dice_is_the_same_every_time():
    square = [(0.0, 0.0), (300.0, 0.0), (300.0, 200.0), (0.0, 200.0)]
    assert list(division.chords(square, 6)) == list(division.chords(square, 6))


# ---------------------------------------------------------------- in the database


@pytest.fixture
def draft(district):
    return draft_of(district)


def divided(district, draft, **wish):
    draft.refresh_from_db()
    edit = Edit(district.actor("administrator"), at("09:07"), draft.pk, draft.version)
    return divide_draft(edit=edit, wish=Wish(**wish), progress=quiet)


def road(*points):
    line = MultiLineString(LineString(*points), srid=4490)
    return Road.objects.create(name="试验路", klass="secondary", width_m=20, geom=line)


def faults(found):
    return {key: [f.codes for f in rows] for key, rows in found.items() if rows[0].is_fault}


def test_communities_are_covered_and_no_two_cells_overlap(district, draft):
    done = divided(district, draft, size_m2=4_000)
    assert len(done.codes) > 20
    found = check(district, draft)
    assert faults(found) == {}
    assert "order" not in found


def test_cells_follow_the_streets(district, draft):
    street = road(point(1, 0, -0.2, 0.3), point(1, 0, 1.2, 0.6))
    divided(district, draft, communities=("110101001001",), size_m2=10_000)
    cells = draft.shapes.filter(level="cell", ends=False, code__startswith="110101001001")
    for cell in cells:
        assert not cell.geom.buffer(-1e-6).intersects(street.geom)
    assert faults(check(district, draft)) == {}


def test_only_the_named_communities_are_divided_and_their_old_codes_end(district, draft):
    done = divided(district, draft, communities=("110101001002",), size_m2=5_000)
    assert {code[:12] for code in done.codes} == {"110101001002"}
    assert min(int(code[12:]) for code in done.codes) == 4
    ended = draft.shapes.filter(level="cell", ends=True).values_list("code", flat=True)
    assert sorted(ended) == [f"110101001002{n:03d}" for n in (1, 2, 3)]


def test_new_cells_are_described_as_the_former_ones_on_their_ground(district, draft):
    draft.shapes.filter(code="110101001002001").update(responsible_body="甲")
    draft.shapes.filter(code__in=["110101001002002", "110101001002003"]).update(
        responsible_body="乙"
    )
    divided(district, draft, communities=("110101001002",), size_m2=5_000)
    cells = draft.shapes.filter(level="cell", ends=False, code__startswith="110101001002")
    northern = max(cells, key=lambda cell: cell.geom.centroid.y)
    southern = min(cells, key=lambda cell: cell.geom.centroid.y)
    assert (northern.responsible_body, southern.responsible_body) == ("甲", "乙")


def test_lines_of_a_file_are_followed_without_our_roads(district, draft, tmp_path):
    road(point(0, 0, 0.5, -0.1), point(2, 0, 0.5, 1.1))
    line = [list(point(1, 0, -0.2, 0.5)), list(point(1, 0, 1.2, 0.5))]
    path = geojson(tmp_path / "lines.geojson", [feature("x", line, kind="LineString")])
    divided(
        district, draft, communities=("110101001001",), size_m2=15_400, lines=path,
        along_roads=False,
    )  # fmt: skip
    cells = draft.shapes.filter(level="cell", ends=False, code__startswith="110101001001")
    assert cells.count() == 2


@pytest.mark.parametrize("size", [10, 1_000_000])
def test_a_size_that_no_cell_has_is_refused(district, draft, size):
    with pytest.raises(Invalid) as refused:
        divided(district, draft, size_m2=size)
    assert "size" in refused.value.fields


def test_an_unknown_community_is_named(district, draft):
    with pytest.raises(Invalid) as refused:
        divided(district, draft, communities=("110101009009",))
    assert "110101009009" in str(refused.value.fields["communities"][0])


def blob(seed):
    """A community as grown ones are: a star-shaped polygon of many corners, some 500 m wide."""
    dice = random.Random(seed)
    corners = dice.randint(5, 40)
    points = []
    for n in range(corners):
        angle, far = 2 * math.pi * n / corners, dice.uniform(0.0012, 0.0032)
        lon, lat = 116.41 + far * math.cos(angle) * 1.3, 39.92 + far * math.sin(angle)
        points.append((round(lon, 9), round(lat, 9)))
    return Polygon([*points, points[0]], srid=4490)


@pytest.mark.django_db
@rules(
    max_examples=15, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(seed=st.integers(0, 10_000), size=st.sampled_from([3_000, 10_000, 18_000]))
def test_any_community_is_divided_whole_without_overlap_in_order(district, seed, size):
    Edition.objects.filter(state="draft").delete()
    draft = draft_of(district, f"试划{seed}")
    shape = blob(seed)
    draft.shapes.filter(level="cell").delete()
    draft.shapes.filter(level="community").exclude(code="110101001001").delete()
    draft.shapes.filter(code="110101001001").update(geom=shape)
    Road.objects.all().delete()
    dice = random.Random(seed)
    for _n in range(dice.randint(0, 4)):
        road(
            (116.405, 39.92 + dice.uniform(-0.003, 0.003)),
            (116.415, 39.92 + dice.uniform(-0.003, 0.003)),
        )
    done = divided(district, draft, size_m2=size)
    found = check(district, draft)
    # the community itself is not where its street is: only what lies below it counts here
    own = {
        key for key, rows in found.items() for f in rows
        if f.level == "cell" or (f.level == "community" and key == "gap")
    }  # fmt: skip
    assert own <= {"area_band", "parts_outside"}
    cells = DraftShape.objects.filter(edition=draft, level="cell", ends=False)
    assert cells.count() == len(done.codes)
    whole = shape.transform(settings.SRID_METRES, clone=True).area
    assert sum(float(cell.area_m2) for cell in cells) == pytest.approx(whole, rel=1e-4)


@pytest.mark.django_db
@rules(
    max_examples=5, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(seed=st.integers(0, 10_000))
def test_streets_that_meet_a_hair_apart_leave_sound_cells(district, seed):
    """Where lines are nearer than what is kept of them, rings rounded later cross themselves."""
    Edition.objects.filter(state="draft").delete()
    draft = draft_of(district, f"试划{seed}")
    draft.shapes.filter(level="cell").delete()
    dice = random.Random(seed)
    Road.objects.all().delete()
    community = draft.shapes.get(level="community", code="110101001001")
    corners = community.geom.coords[0][0]
    for (x, y), (to_x, to_y) in itertools.pairwise(corners):
        # three streets that cross the side nearly, but not quite, in one point, and one along it
        share = dice.uniform(0.2, 0.8)
        for angle in (dice.uniform(0, math.pi) for _n in range(3)):
            on_x, on_y = (
                a + (b - a) * share + dice.uniform(-3e-9, 3e-9) for a, b in ((x, to_x), (y, to_y))
            )
            dx, dy = 0.001 * math.cos(angle), 0.001 * math.sin(angle)
            road((on_x - dx, on_y - dy), (on_x + dx, on_y + dy))
        road(*((a + dice.uniform(-3e-9, 3e-9), b) for a, b in ((x, y), (to_x, to_y))))
    divided(district, draft, communities=(community.code,), size_m2=5_000)
    own = [cell.geom for cell in draft.shapes.filter(level="cell", code__startswith=community.code)]
    assert all(shape.valid and shape.geom_type == "Polygon" for shape in own)
    kept = [value for shape in own for place in shape.coords[0] for value in place]
    assert kept == pytest.approx([round(value, 9) for value in kept], abs=1e-12, rel=0)
    found = check(district, draft)
    # the other communities have no cells here
    assert {code for f in found.get("gap", ()) for code in f.codes} == {
        "110101001002", "110101002001",
    }  # fmt: skip
    assert not {"crosses_itself", "several_pieces", "overlap", "across"} & found.keys()


# ---------------------------------------------------------------- the command


def test_the_command_begins_a_draft_divides_and_checks_it(district):
    out = StringIO()
    call_command("divide", "新划网格", community=["110101001001"], size=5_000, stdout=out)
    draft = Edition.objects.get(name="新划网格")
    assert draft.checked_version == draft.version
    assert "0" in out.getvalue()
    assert draft.shapes.filter(level="cell", code="110101001001004").exists()


def test_the_command_says_what_is_wrong_and_leaves_no_draft(district):
    with pytest.raises(CommandError):
        call_command("divide", "新划网格", community=["110101001009"])
    assert not Edition.objects.filter(name="新划网格").exists()
