"""`make chaos`: a whole site is broken in every way while people work, and then looked over.

Bounded to some minutes, seeded (`make chaos ARGS='--seed 7'`). Exit code 1 when anything was lost,
done twice or left half done; what was done and every count is printed.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from pathlib import Path

import django

IN_FLIGHT = 160  # moved by the people
LATE, WAITING = 20, 20  # left to the clock alone
LATE_MINUTES = 180  # how long ago those cases began: every level of their clocks is due
BREAKING_S = 75.0
# A notice whose sender was killed is sent once more when its lease of two minutes is over.
SETTLING_S = 150.0


def say(began, words):
    print(f"[{time.monotonic() - began:6.1f} s] {words}", flush=True)


def main():
    os.environ["DJANGO_SETTINGS_MODULE"] = "gridcity.settings"
    django.setup()  # the tests' pictures and places stand on the product
    from tests.faults.chaos.breaking import Breaking
    from tests.faults.chaos.hearing import Hearing
    from tests.faults.chaos.looking import Verdicts, events_by_people, look_over
    from tests.faults.chaos.working import People
    from tests.faults.site import running_site

    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    seed = parser.parse_args().seed
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, running_site(Path(folder)) as site:
        say(began, f"the site is up; seed {seed}")
        hearing = Hearing()
        hearing.listen_to(site)
        made = site.inside("make_many", IN_FLIGHT, LATE, WAITING, LATE_MINUTES)
        say(began, f"{sum(map(len, made.values()))} cases in flight")
        before = events_by_people(site)
        people = People(site, made["moving"], seed)
        breaking = Breaking(site, hearing, random.Random(seed), lambda words: say(began, words))
        people.start()
        try:
            breaking.go_on_for(BREAKING_S)
        finally:
            breaking.make_whole()
            people.stop()
        say(began, people.told())
        verdicts = Verdicts()
        look_over(site, people, hearing, made, before, verdicts, SETTLING_S)
        hearing.close()
        for line in verdicts.lines:
            print(line, flush=True)
        say(began, "whole" if verdicts.good else "NOT WHOLE")
    return 0 if verdicts.good else 1


if __name__ == "__main__":
    sys.exit(main())
