"""A whole run: the ground is made, filled and measured at each size, and taken away again."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench import cores, figures, ground
from bench.deadline import measure_deadlines
from bench.district import SIZES as DISTRICT_SIZES
from bench.district import Size, grow
from bench.generate.facts import read_facts
from bench.generate.fill import Filled, fill
from bench.live import measure_live
from bench.measure import PATHS, TILE_PATHS, Effort, measure, measure_selector
from bench.refresh import measure_refresh
from bench.register import REGISTER, WIDE_MOST_S, WIDE_ROWS, measure_import, wide_register
from bench.replay import measure_replay
from bench.results import FILE, HEADER, Apart, Results, closing, line
from bench.routing import measure_routing
from bench.server import web
from bench.simulate import measure_simulate
from bench.sweep import measure_sweep
from bench.talks import People, Talks
from bench.wall import measure_wall

SIZES = (100_000, 1_000_000)
ALL = (
    *dict.fromkeys(path.name.split(" ")[0] for path in PATHS),
    "import", "routing", "sweep", "deadline", "tile", "dashboard", "drill", "live",
    "refresh", "simulate", "replay",
)  # fmt: skip
# Only when it is asked for: it takes as long as it says.
LONG = {"wall"}
WALL_MINUTES = 60
# Measured once, not with each path at each size.
FIGURES = {"dashboard", "drill"}
APART = (
    {"import", "routing", "sweep", "deadline", "tile", "live", "refresh", "simulate", "replay"}
    | FIGURES
    | LONG
)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="How fast the product is, beside its floors."
    )
    parser.add_argument(
        "--quick", action="store_true", help="100,000 cases unless --sizes, one run of 2 s"
    )
    known = (*ALL, *sorted(LONG))
    parser.add_argument("--only", default="", help=f"some of {','.join(known)}")
    parser.add_argument("--minutes", type=int, default=WALL_MINUTES, help="how long for the wall")
    parser.add_argument("--sizes", default="", help="numbers of cases, such as 100000,1000000")
    parser.add_argument("--facts", default="", help="numbers of facts, such as 500000,5000000")
    parser.add_argument("--register", type=Path, default=REGISTER, help="CSV for the import")
    parser.add_argument("--keep", action="store_true", help="keep the database and use it again")
    given = parser.parse_args()
    unknown = set(filter(None, given.only.split(","))) - set(known)
    if unknown:
        parser.error(f"unknown path {', '.join(sorted(unknown))}")
    return given


def say(words: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {words}", file=sys.stderr, flush=True)


def wanted_of(given: argparse.Namespace) -> set[str]:
    return set(filter(None, given.only.split(","))) or set(ALL)


def run(given: argparse.Namespace) -> Results:
    """Make the ground, then fill and measure at each size."""
    wanted = wanted_of(given)
    effort = Effort(1, 2.0) if given.quick else Effort()
    sizes = [int(size) for size in given.sizes.split(",") if size] or list(SIZES)
    results = Results(cores.confine())
    reused = given.keep and ground.exists()
    if not reused:
        say("making the district")
        ground.make()
    if "import" in wanted and not reused:
        take_in_register(given.register, results)
    measure_rules(wanted, results)
    measure_apart(given, wanted & {"live", "wall"}, results)
    for size in sizes[:1] if given.quick and not given.sizes else sizes:
        if wanted - APART or "sweep" in wanted:
            measure_size(size, wanted, effort, results, reused=reused)
    if wanted & {"tile", "locate"}:
        measure_districts(wanted, effort, results, quick=given.quick)
    if "sweep" in wanted:
        say("sweeping timers; what is kept is spent")
        results.sweeping = measure_sweep(share=0.1 if given.quick else 1.0)
    measure_apart(given, wanted & {"simulate", "replay"}, results)
    measure_figures(given, wanted & FIGURES, results)
    measure_apart(given, wanted & {"refresh"}, results)
    if "import" in wanted and not given.quick:
        take_in_wide_register(results)
    return results


def measure_figures(given: argparse.Namespace, wanted: set[str], results: Results) -> None:
    """What officials read, at numbers of facts that are written for it; 0: those that are there."""
    sizes = tuple(int(size) for size in given.facts.split(",") if size) or figures.SIZES
    for seen in figures.measure_figures(sizes[:1] if given.quick else sizes, wanted, say):
        results.figured.append(seen)
        print(seen.line(), flush=True)


def measure_districts(wanted: set[str], effort: Effort, results: Results, *, quick: bool) -> None:
    """What depends on the register, not on the cases, at each size of it."""
    for size in DISTRICT_SIZES[:1] if quick else DISTRICT_SIZES:
        measure_district(size, wanted, effort, results)


def measure_district(size: Size, wanted: set[str], effort: Effort, results: Results) -> None:
    """Tiles and the search of a place, in a district of so many parts."""
    say(f"{size.parts:,} parts in {size.districts} districts")
    grow(size)
    ground.prepare_choices()
    talks = Talks(read_facts(), People.log_in())
    with web() as port:
        print(HEADER, flush=True)
        for path in TILE_PATHS:
            if path.name.split(" ")[0] in wanted:
                seen = measure(path, talks, port, size.parts, effort)
                results.measured.append(seen)
                print(line(seen), flush=True)


def measure_rules(wanted: set[str], results: Results) -> None:
    """What is asked in the process, without a page."""
    if "routing" in wanted:
        say("asking the routing")
        results.routing = measure_routing()
    if "deadline" in wanted:
        say("reckoning deadlines")
        results.deadlines = measure_deadlines()


def measure_apart(given: argparse.Namespace, wanted: set[str], results: Results) -> None:
    """What says itself how it stands: open browsers, the way of a report into the figures…"""
    work: dict[str, Callable[[], Apart]] = {
        "live": measure_live,
        "refresh": measure_refresh,
        "wall": lambda: measure_wall(given.minutes, say),
        "simulate": measure_simulate,
        "replay": lambda: measure_replay(say),
    }
    for name, measured in work.items():
        if name in wanted:
            say(f"measuring {name}")
            results.apart[name] = measured()
            print(results.apart[name].line(), flush=True)


def take_in_register(register: Path, results: Results) -> None:
    if not register.exists():
        say(f"import is left out: there is no {register}")
        return
    say("importing the register")
    results.imported = measure_import(register)


def take_in_wide_register(results: Results) -> None:
    """Last of all: what it brings would weigh on everything that is measured after it."""
    largest = DISTRICT_SIZES[-1]
    say(f"importing {WIDE_ROWS:,} rows into {largest.districts} districts")
    grow(largest)
    with wide_register(WIDE_ROWS) as register:
        results.wide = measure_import(register, WIDE_MOST_S)


def measure_size(
    size: int, wanted: set[str], effort: Effort, results: Results, *, reused: bool
) -> None:
    say(f"{size:,} cases")
    filled = Filled(size, 0.0, 0) if reused else fill(size)
    results.filled.append(filled)
    if not reused:
        say(f"{filled.rows:,} rows in {filled.seconds:.0f} s, {filled.per_second:,.0f} a second")
    if not wanted - APART:
        return
    ground.prepare_choices()
    talks = Talks(read_facts(), People.log_in())
    with web() as port:
        print(HEADER, flush=True)
        for path in PATHS:
            if path.name.split(" ")[0] in wanted:
                seen = measure(path, talks, port, size, effort)
                results.measured.append(seen)
                print(line(seen), flush=True)
    if "locate" in wanted:
        results.locating = measure_selector(talks, effort)


def main() -> int:
    given = arguments()
    try:
        results = run(given)
    finally:
        if not given.keep or "sweep" in wanted_of(given):
            ground.drop()
    results.save()
    print("\n".join(closing(results)))
    say(f"written to {FILE}")
    return 1 if any(seen.failures for seen in results.measured) else 0
