"""What was measured, as a table at the terminal and as `bench/results.json`."""

from __future__ import annotations

import json
import platform
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from bench.deadline import MOST_GROWTH as MOST_DEADLINE_GROWTH
from bench.deadline import MOST_US, Deadlines
from bench.figures import MOST_GROWTH as MOST_FIGURES_GROWTH
from bench.figures import Figured
from bench.figures import growth as growth_of_figures
from bench.generate.fill import Filled
from bench.measure import Locating, Measured
from bench.register import Imported
from bench.routing import Routing
from bench.sweep import STEADY_RATE, Sweeping

FILE = Path(__file__).resolve().parent / "results.json"
MOST_GROWTH = 1.3


class Apart(Protocol):
    """What was measured by itself, and how it stands beside its target."""

    def missed(self) -> list[str]: ...
    def as_json(self) -> dict[str, Any]: ...
    def line(self) -> str: ...


@dataclass(slots=True)
class Results:
    """Everything of one run."""

    where: str
    filled: list[Filled] = field(default_factory=list)
    measured: list[Measured] = field(default_factory=list)
    locating: Locating | None = None
    imported: Imported | None = None
    wide: Imported | None = None
    routing: Routing | None = None
    sweeping: Sweeping | None = None
    deadlines: Deadlines | None = None
    figured: list[Figured] = field(default_factory=list)
    # `live`, `refresh`, `replay`, `wall`: each says itself what it saw and missed.
    apart: dict[str, Apart] = field(default_factory=dict)

    def growth(self) -> dict[str, float]:
        """Processor time at the largest size ÷ that at the smallest, for each path."""
        found = {}
        for name in dict.fromkeys(seen.path.name for seen in self.measured):
            runs = [seen for seen in self.measured if seen.path.name == name]
            first, last = runs[0], runs[-1]
            if first is not last and first.cpu_ms:
                found[name] = last.cpu_ms / first.cpu_ms
        return found

    def missed(self) -> list[str]:
        """Every target that was not met."""
        found = [
            f"{seen.path.name} at {seen.cases:,}: {why}"
            for seen in self.measured
            for why in seen.missed()
        ]
        found += [
            f"{name}: costs {ratio:.2f} × more with ten times the data"
            for name, ratio in self.growth().items()
            if ratio > MOST_GROWTH
        ]
        found += [f"{one.page.name} at {one.facts:,}: {why}" for one in self.figured
                  for why in one.missed()]  # fmt: skip
        found += [
            f"{name}: costs {ratio:.2f} × more with ten times the facts"
            for name, ratio in growth_of_figures(self.figured).items()
            if ratio > MOST_FIGURES_GROWTH
        ]
        if self.locating and self.locating.ratio > self.locating.most:
            found.append(f"locate: the selector takes {self.locating.ratio:.1f} × its floor")
        if self.routing:
            found += [f"routing: {why}" for why in self.routing.missed()]
        if self.sweeping:
            found += [f"sweep: {why}" for why in self.sweeping.missed()]
        found += [f"{name}: {why}" for name, one in self.apart.items() for why in one.missed()]
        if self.deadlines:
            found += [f"deadline: {why}" for why in self.deadlines.missed()]
        for taken in filter(None, (self.imported, self.wide)):
            found += [f"import of {taken.rows:,} rows: {why}" for why in taken.missed]
        return found

    def as_json(self) -> dict[str, Any]:
        return {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": f"{platform.machine()}, {self.where}",
            "filled": [
                {"cases": one.cases, "rows": one.rows, "seconds": round(one.seconds, 1)}
                for one in self.filled
            ],
            "paths": [seen.as_json() for seen in self.measured],
            "growth": {name: round(ratio, 2) for name, ratio in self.growth().items()},
            "locate_selector": self.locating
            and {
                "calls_a_second": round(self.locating.selector),
                "floor": round(self.locating.floor),
                "ratio": round(self.locating.ratio, 2),
            },
            "routing": self.routing and self.routing.as_json(),
            "sweep": self.sweeping and self.sweeping.as_json(),
            "deadline": self.deadlines and self.deadlines.as_json(),
            "figures": [one.as_json() for one in self.figured],
            "figures_growth": growth_of_figures(self.figured),
            "import": self.imported and self.imported.as_json(),
            "import_wide": self.wide and self.wide.as_json(),
            **{name: one.as_json() for name, one in self.apart.items()},
            "missed": self.missed(),
        }

    def save(self) -> None:
        FILE.write_text(json.dumps(self.as_json(), indent=1, ensure_ascii=False) + "\n")


HEADER = (
    f"{'path':12} {'size':>9} {'rate/s':>7} {'target':>6} {'p50 ms':>7} {'p99 ms':>7}"
    f" {'SQL/s':>7} {'× SQL':>6} {'empty/s':>8} {'× empty':>7} {'queries':>7} {'cpu ms':>6}"
)


def line(seen: Measured) -> str:
    """One path as a line of the table."""
    mark = "missed: " + "; ".join(seen.missed()) if seen.missed() else "met"
    return (
        f"{seen.path.name:12} {seen.cases:>9,} {seen.rate:>7.0f} {seen.path.target:>6.0f}"
        f" {seen.p50_ms:>7.1f} {seen.p99_ms:>7.1f} {seen.sql_floor:>7.0f} {seen.sql_ratio:>6.1f}"
        f" {seen.http_floor:>8.0f} {seen.http_ratio:>7.1f} {seen.queries:>7} {seen.cpu_ms:>6.1f}"
        f"  {mark}"
    )


def closing(results: Results) -> list[str]:
    """The lines below the table: growth, selector, import, and what was missed."""
    lines = [
        f"growth of {name}: {ratio:.2f} × (at most {MOST_GROWTH})"
        for name, ratio in results.growth().items()
    ]
    lines += [
        f"growth of {name}: {ratio:.2f} × (at most {MOST_FIGURES_GROWTH})"
        for name, ratio in growth_of_figures(results.figured).items()
    ]
    if (locating := results.locating) is not None:
        lines.append(
            f"locate selector: {locating.selector:.0f} calls/s in process, floor"
            f" {locating.floor:.0f}/s: {locating.ratio:.1f} × (at most {locating.most:.0f})"
        )
    if (routing := results.routing) is not None:
        lines.append(
            f"routing: {routing.answers:,.0f} answers/s remembered, {routing.proposals:,.0f}/s"
            f" found anew, a dict {routing.floor:,.0f}/s: {routing.ratio:.1f} × (at most"
            f" {routing.most:.0f}) and {routing.proposal_ratio:.1f} × (at most"
            f" {routing.most_proposal:.0f})"
        )
    if (swept := results.sweeping) is not None:
        lines.append(
            f"sweep: {swept.notices:,} notices at {swept.notice_rate:,.0f}/s, SQL"
            f" {swept.notice_floor:,.0f}/s: {swept.notice_ratio:.1f} ×,"
            f" {swept.transitions:,} transitions at {swept.transition_rate:,.0f}/s, lag p99"
            f" {swept.lag_p99_s:.1f} s at {STEADY_RATE} due a second"
        )
    if (reckoned := results.deadlines) is not None:
        lines.append(
            f"deadline: {reckoned.us:.1f} µs (at most {MOST_US:.0f}), two look-ups"
            f" {reckoned.floor_us:.2f} µs: {reckoned.ratio:.1f} ×; {reckoned.growth:.2f} × with"
            f" limits ten times as long (at most {MOST_DEADLINE_GROWTH})"
        )
    lines += [
        f"import: {seen.rows:,} rows, {seen.accepted:,} parts into {seen.cells:,} cells in"
        f" {seen.seconds:.1f} s, COPY"
        f" {seen.floor_s:.1f} s ({seen.ratio:.1f} ×), {seen.peak_mb:.0f} MB {seen.failure}"
        for seen in (results.imported, results.wide)
        if seen is not None
    ]
    missed = results.missed()
    lines.append("every target is met" if not missed else "missed:")
    return lines + [f"  {why}" for why in missed]
