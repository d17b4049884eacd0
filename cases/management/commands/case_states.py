"""`manage.py case_states [--check]`: draw `docs/case-states.md` from the table of transitions."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import override

from cases.workflow import ENDED, ROLE_LABELS, TABLE, TURN, State, Transition

PAGE = settings.BASE_DIR / "docs" / "case-states.md"
HEAD = """# States and transitions of a case

Drawn from `cases/workflow.py` by `manage.py case_states`; do not edit. `⚑`: a reason in words is
required; `†`: a default that administrators may change. Anything not in this table is refused
with a sentence that says whose turn it is.
"""


class Command(BaseCommand):
    help = "Write docs/case-states.md from the table, or compare it with --check."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="exit 1 when the page is out of date"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        text = page()
        if not options["check"]:
            PAGE.write_text(text, encoding="utf-8")
        elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
            raise CommandError("docs/case-states.md is out of date: run manage.py case_states")


def page() -> str:
    """The whole page: the states, a diagram of the moves, the table."""
    with override("zh-hans"):
        chinese = {state: str(state.label) for state in State}
        labels = {row.action: str(row.label) for row in TABLE}
    with override("en"):
        return "\n".join([HEAD, *states(chinese), "", *diagram(), "", *table(labels), ""])


def states(chinese: dict[State, str]) -> list[str]:
    """A table of the states and whose turn each is."""
    lines = ["| state | 中文 | whose turn |", "| --- | --- | --- |"]
    for state in State:
        whose = ", ".join(sorted(str(ROLE_LABELS[role]) for role in TURN.get(state, ()))) or "–"
        lines.append(f"| `{state}` | {chinese[state]} | {whose} |")
    return lines


def diagram() -> list[str]:
    """A Mermaid diagram of every move from one state to another."""
    moves: dict[tuple[str, str], list[str]] = {}
    for row in TABLE:
        for source, target in ends_of(row):
            moves.setdefault((source, target), []).append(row.action)
    lines = ["```mermaid", "stateDiagram-v2"]
    for (source, target), actions in sorted(moves.items()):
        lines.append(f"    {source} --> {target}: {', '.join(sorted(set(actions)))}")
    lines += [f"    {state} --> [*]" for state in sorted(ENDED)]
    return [*lines, "```"]


def ends_of(row: Transition) -> list[tuple[str, str]]:
    """The moves of a row; a report begins at the start, actions that stay have none."""
    if row.target is None:
        return []
    if not row.sources:
        return [("[*]", str(row.target))]
    return [(str(source), str(row.target)) for source in row.sources]


def table(labels: dict[str, str]) -> list[str]:
    """The table of actions."""
    lines = [
        "| action | 中文 | from | to | who | condition |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for row in TABLE:
        sources = ", ".join(f"`{s}`" for s in State if s in row.sources) or "–"
        target = f"`{row.target}`" if row.target else "same"
        flag = " ⚑" if row.needs_reason else ""
        who = ", ".join(sorted(str(ROLE_LABELS[role]) for role in row.roles))
        lines.append(
            f"| `{row.action}`{flag} | {labels[row.action]} | {sources} | {target} | {who} "
            f"| {row.guard or '–'} |"
        )
    return lines
