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
    prepare()
    print("ready", flush=True)
    sys.stdin.readline()
    if mode == "drain":
        drain(seconds)
    else:
        steady(seconds, number)


def prepare() -> None:
    """Connect, and load what a worker has long loaded when it is nudged."""
    from django.utils import timezone

    from dispatch.services.timers import lag_by_kind

    lag_by_kind(at=timezone.now())


def drain(seconds: float) -> None:
    """Sweep until nothing is due any more; what the other worker holds is looked at again."""
    from django.utils import timezone

    from dispatch.services.timers import lag_by_kind, sweep_timers

    at, end = timezone.now(), time.monotonic() + seconds
    while any(lag_by_kind(at=at).values()) and time.monotonic() < end:
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
