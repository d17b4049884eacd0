"""The grid and those who patrol it: gaps, overlaps, codes, areas, hours without a supervisor."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from gridcity.contracts import Sentence
from gridcity.selfcheck.findings import (
    FINE,
    GRID,
    PATROLS,
    Check,
    Finding,
    Level,
    Row,
    address,
    found,
)
from gridcity.selfcheck.keeping import kept
from gridcity.templatetags.gridcity_ui import grouped
from parts.hours import in_words, runs
from parts.models import CodingScheme, Edition
from parts.selectors import district_code, grid_checks
from parts.selectors.grid_checks import Fault, Patch
from parts.selectors.patrol_checks import CellHours, patrol_cover, supervisors_without_cells

CELL_DIGITS = 15


def current_edition() -> int | None:
    return Edition.objects.filter(state=Edition.State.CURRENT).values_list("pk", flat=True).first()


def cell_url(code: str) -> str:
    return address("assessment:cell", code) if len(code) == CELL_DIGITS else ""


# ---------------------------------------------------------------- ground


def no_edition(at: datetime) -> Finding:
    if current_edition() is not None:
        return FINE
    return found(1, _("No edition of the grid is current: no place has a cell."))


def patches(key: str, look: Callable[[int], list[Patch]], words: Sentence, at: datetime) -> Finding:
    """Stretches of ground at fault in the current edition."""
    edition = current_edition()
    if edition is None:
        return FINE
    answer = kept(key, grid_checks.grid_version(edition), at, lambda: look(edition))
    area = sum(patch.area_m2 for patch in answer.value)
    said = words % {"n": grouped(len(answer.value)), "area": f"{area:,.0f}"}
    rows = [patch_row(patch) for patch in answer.value]
    return found(len(answer.value), said, rows=rows, as_of=answer.at)


def patch_row(patch: Patch) -> Row:
    cells = [code for code in patch.codes if len(code) == CELL_DIGITS]
    return Row(
        " · ".join(patch.codes) or f"{patch.lon:.5f}, {patch.lat:.5f}",
        _("%(area)s m² near %(lon)s, %(lat)s")
        % {
            "area": f"{patch.area_m2:,.1f}",
            "lon": f"{patch.lon:.5f}",
            "lat": f"{patch.lat:.5f}",
        },
        cell_url(cells[0]) if cells else "",
        patch.lon,
        patch.lat,
    )


def bare(edition: int) -> list[Patch]:
    return grid_checks.bare_ground(district_code())


CODE_WORDS: dict[str, Sentence] = {
    grid_checks.NOT_A_CODE: _("is no code of the current scheme: %(said)s"),
    grid_checks.OTHER_COMMUNITY: _("lies in community %(said)s, whose code it does not bear"),
    grid_checks.GIVEN_BEFORE: _("was voided in %(said)s and is never given again"),
    grid_checks.ODD_AREA: _("%(said)s m²: outside 2,000–50,000 m²"),
    grid_checks.UNTRUE_AREA: _("stored and true area in m²: %(said)s"),
}


def faulty_cells(
    look: Callable[[int], list[Fault]], words: Sentence, level: Level, at: datetime
) -> Finding:
    edition = current_edition()
    faults = look(edition) if edition is not None else []
    rows = [
        Row(fault.code, CODE_WORDS[fault.why] % {"said": fault.said}, cell_url(fault.code))
        for fault in faults
    ]
    return found(len(faults), words % {"n": grouped(len(faults))}, level=level, rows=rows)


def codes(edition: int) -> list[Fault]:
    scheme = CodingScheme.objects.filter(is_current=True).first()
    return grid_checks.wrong_codes(edition, pattern=scheme.pattern if scheme else None)


# ---------------------------------------------------------------- patrols


def hours_without_shift(at: datetime) -> Finding:
    left = runs(patrol_cover().no_shift)
    said = _("No shift runs at %(hours)s: no cell has a supervisor then.")
    return found(len(left), said % {"hours": in_words(left)})


def cells_without_patrol(at: datetime) -> Finding:
    cells = patrol_cover().uncovered
    words = ngettext_lazy(
        "%(n)s cell has no supervisor at some hour.",
        "%(n)s cells have no supervisor at some hour.",
        len(cells),
    )
    return found(len(cells), words % {"n": grouped(len(cells))}, rows=hour_rows(cells))


def cells_with_two(at: datetime) -> Finding:
    cells = patrol_cover().doubled
    words = ngettext_lazy(
        "%(n)s cell has more than one supervisor at some hour.",
        "%(n)s cells have more than one supervisor at some hour.",
        len(cells),
    )
    rows = hour_rows(cells)
    return found(len(cells), words % {"n": grouped(len(cells))}, level=Level.WARNING, rows=rows)


def hour_rows(cells: list[CellHours]) -> list[Row]:
    return [Row(cell.code, in_words(cell.hours), cell_url(cell.code)) for cell in cells]


def idle_supervisors(at: datetime) -> Finding:
    people = supervisors_without_cells()
    words = ngettext_lazy(
        "%(n)s supervisor patrols no cell: tasks never reach him.",
        "%(n)s supervisors patrol no cell: tasks never reach them.",
        len(people),
    )
    rows = [
        Row(user.username, str(user), address("admin:gridcity_user_change", user.pk))
        for user in people
    ]
    return found(len(people), words % {"n": grouped(len(people))}, level=Level.WARNING, rows=rows)


# ---------------------------------------------------------------- the list

MEND_GRID = _(
    "Draw or import a draft edition without this fault and publish it; "
    "a current edition is never edited."
)
MEND_PATROLS = _("Give these cells to a supervisor on duty at these hours.")

GROUND_KEYS = ["grid-gaps", "grid-bare", "grid-overlaps", "grid-strays"]

CHECKS: tuple[Check, ...] = (
    Check("grid-current", GRID, _("A current edition"),
          _("Import or draw the cells of the district and publish the edition."),
          no_edition, "parts:editions"),
    Check("grid-gaps", GRID, _("Gaps in communities"), MEND_GRID,
          partial(patches, "grid-gaps", grid_checks.gaps,
                  _("%(n)s stretches of ground (%(area)s m²) lie in a community, but in no cell.")),
          "parts:editions"),
    Check("grid-bare", GRID, _("Ground without a community"), MEND_GRID,
          partial(patches, "grid-bare", bare,
                  _("%(n)s stretches of ground (%(area)s m²) lie in no community.")),
          "parts:editions"),
    Check("grid-overlaps", GRID, _("Overlaps of cells"), MEND_GRID,
          partial(patches, "grid-overlaps", grid_checks.overlaps,
                  _("%(n)s stretches of ground (%(area)s m²) lie in two cells.")),
          "parts:editions"),
    Check("grid-strays", GRID, _("Cells across their community"), MEND_GRID,
          partial(patches, "grid-strays", grid_checks.strays,
                  _("%(n)s cells reach out of their community (%(area)s m²).")),
          "parts:editions"),
    Check("grid-codes", GRID, _("Codes of cells"), MEND_GRID,
          partial(faulty_cells, codes, _("%(n)s cells have a wrong code."), Level.FAULT),
          "parts:editions"),
    Check("grid-areas", GRID, _("Areas of cells"),
          _("An area is computed, never typed in: publish the edition anew."),
          partial(faulty_cells, grid_checks.untrue_areas,
                  _("The area of %(n)s cells is not that of their boundary."), Level.FAULT),
          "parts:editions"),
    Check("grid-band", GRID, _("Cells of unusual size"),
          _("Split or merge them in the next draft, unless they are compounds of their own."),
          partial(faulty_cells, grid_checks.odd_areas,
                  _("%(n)s cells are smaller than 2,000 or larger than 50,000 m²."),
                  Level.WARNING),
          "parts:editions"),
    Check("patrol-hours", PATROLS, _("Hours without a shift"),
          _("Change the hours of a shift, or add one, so that the whole day is filled."),
          hours_without_shift, "parts:shifts"),
    Check("patrol-cells", PATROLS, _("Cells without a supervisor, by hour"), MEND_PATROLS,
          cells_without_patrol, "parts:patrols"),
    Check("patrol-double", PATROLS, _("Cells with two supervisors at once"),
          _("Both get tasks there, in turn: leave it if that is wished, else take one away."),
          cells_with_two, "parts:patrols"),
    Check("patrol-idle", PATROLS, _("Supervisors without cells"),
          _("Give them cells, or close their accounts."),
          idle_supervisors, "parts:patrols"),
)  # fmt: skip
