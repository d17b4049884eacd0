"""`python -m bench.sweeper MODE SECONDS NUMBER`: one of the workers of `bench.sweep`."""

from __future__ import annotations

import os
import sys
import time

import django

BEAT_S = 1.0  # as the schedule in `gridcity/celery.py` nudges


def main(mode: str, seconds: float, number: int) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    django.setup()
    if mode == "drain":
        drain()
    else:
        steady(seconds, number)


def drain() -> None:
    """Sweep until nothing is due any more; what the other worker holds is looked at again."""
    from django.utils import timezone

    from dispatch.services.timers import lag_by_kind, sweep_timers

    at = timezone.now()
    while any(lag_by_kind(at=at).values()):
        sweep_timers(at=at)


def steady(seconds: float, number: int) -> None:
    """Sweep at each nudge; the workers are nudged in turns."""
    from django.utils import timezone

    from dispatch.services.timers import sweep_timers

    began = time.monotonic()
    beat = number
    while beat * BEAT_S < seconds:
        time.sleep(max(0.0, began + beat * BEAT_S - time.monotonic()))
        sweep_timers(at=timezone.now())
        beat += 2


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]))
