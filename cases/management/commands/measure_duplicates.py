"""`manage.py measure_duplicates`: precision and recall of the search for duplicates (law §9)."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from cases.services.duplicate_trial import Score, try_duplicates


class Command(BaseCommand):
    help = (
        "Make a seeded set of reports with known pairs, look how many the search finds, and take "
        "the set back; its case numbers are not given again. Other reports wait meanwhile: run it "
        "while nobody works."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--pairs", type=int, default=200, help="known pairs (200)")
        parser.add_argument("--seed", type=int, default=7, help="seed of the set (7)")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["pairs"] <= 5000:
            raise CommandError("--pairs lies between 1 and 5000")
        trial = try_duplicates(pairs=options["pairs"], seed=options["seed"], at=timezone.now())
        if not trial.pairs:
            raise CommandError("no pair could be made: the district or the catalogue is empty")
        self.stdout.write(
            f"seed {options['seed']}: {trial.pairs} pairs among {trial.others} other matters"
        )
        self.line("all candidates shown", trial.shown)
        self.line("first one, same part or near", trial.likely)

    def line(self, what: str, score: Score) -> None:
        self.stdout.write(
            f"{what}: precision {words(score.precision)} ({score.right}/{score.named}), "
            f"recall {words(score.recall)} ({score.right}/{score.true})"
        )


def words(rate: float | None) -> str:
    return "-" if rate is None else f"{rate:.3f}"
