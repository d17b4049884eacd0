"""Small areas are parted into connected groups of near-equal weight."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from parts import division
from parts.partition import TIGHT, Piece, components, joined, parted


def grid(columns: int, rows: int) -> tuple[list[Piece], dict[int, dict[int, float]]]:
    """Squares of 100 m, numbered row by row, and which share a side."""
    pieces = []
    for row in range(rows):
        for column in range(columns):
            x, y = column * 100, row * 100
            pieces.append(Piece(row * columns + column, x, y, x + 100, y + 100, 1))
    touching: dict[int, dict[int, float]] = {}
    for one in pieces:
        for other in pieces:
            gap = abs(one.x_min - other.x_min) + abs(one.y_min - other.y_min)
            if gap == 100:
                touching.setdefault(one.id, {})[other.id] = 100.0
    return pieces, touching


@given(st.integers(1, 8), st.integers(1, 8), st.integers(1, 6))
def test_every_piece_is_in_exactly_one_group(columns, rows, groups):
    pieces, _touching = grid(columns, rows)
    found = parted(pieces, groups, TIGHT)
    assert sorted(p.id for group in found for p in group) == [p.id for p in pieces]
    assert len(found) <= groups


def test_groups_of_a_plain_grid_are_equal_and_connected():
    pieces, touching = grid(12, 12)
    group_of = joined(parted(pieces, 8, TIGHT), touching)
    sizes = [list(group_of.values()).count(group) for group in sorted(set(group_of.values()))]
    assert sizes == [18] * 8
    for group in set(group_of.values()):
        own = [piece for piece, number in group_of.items() if number == group]
        assert len(components(own, touching)) == 1


def test_an_island_goes_to_the_group_it_touches_longest():
    pieces, touching = grid(3, 1)
    assert joined([[pieces[0], pieces[2]], [pieces[1]]], touching) == {0: 0, 1: 1, 2: 1}


square = [(0.0, 0.0), (300.0, 0.0), (300.0, 200.0), (0.0, 200.0)]


@given(st.floats(0.2, 0.8), st.floats(-0.03, 0.03))
def test_a_line_leaves_the_wanted_share_on_its_low_side(share, tilt):
    line = division.halving_line(square, share, tilt)
    low, high = division.side_of(square, line, 1), division.side_of(square, line, -1)
    assert abs(division.area_of(low) - 60_000 * share) < 1
    assert abs(division.area_of(low) + division.area_of(high) - 60_000) < 1e-6


@given(st.integers(1, 12))
def test_a_block_of_n_plots_needs_n_less_one_cuts(plots):
    found = list(division.chords(square, plots, random.Random(1)))
    assert len(found) == plots - 1
    assert all(chord.length_m > 0 for chord in found)
