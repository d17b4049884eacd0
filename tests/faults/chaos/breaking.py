"""What is broken, when, and how it becomes whole again."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path

FREEZE_S = 60.0
REDIS_AWAY_S = 3.0
FULL_S = 10.0
DEAF_S = 8.0
LIMIT_MB = 64  # far more than people send in a run: only the ballast fills it
PAUSES_S = (3.0, 6.0)  # between two faults


class Breaking:
    """Faults by the dice, one after another; a worker is frozen for a minute beside them."""

    def __init__(self, site, hearing, dice, say):
        self.site, self.hearing, self.dice, self.say = site, hearing, dice, say
        self.later = []  # (when, what is then done)
        self.frozen = None
        web = site["web"]
        web.env = {**web.env, "GRIDCITY_MEDIA_LIMIT_MB": str(LIMIT_MB)}
        site.kill("web")
        web.start()

    @property
    def ballast(self) -> Path:
        return Path(self.site["web"].env["GRIDCITY_MEDIA"]) / "ballast"

    def go_on_for(self, seconds):
        """Break and mend until the time is over; what dies is started again as `make run` does."""
        began = time.monotonic()
        self.at(began + 2, self.kill_worker)
        self.at(began + 7, self.freeze_worker)
        faults = [self.kill_web, self.kill_beat, self.stop_redis,
                  self.restart_postgres, self.fill_storage]  # fmt: skip
        self.dice.shuffle(faults)
        later = self.dice.choices([*faults, self.kill_worker], k=40)
        # Once: an outlet that fails again and again is left alone for longer than this lasts.
        faults = [self.send_hearer_away, *faults, *later]
        when = began + 4
        for fault in faults:
            self.at(when, fault)
            when += self.dice.uniform(*PAUSES_S)
        while time.monotonic() < began + seconds:
            self.do_what_is_due()
            self.site.keep_alive()
            time.sleep(0.1)

    def at(self, when, act):
        self.later.append((when, act))
        self.later.sort(key=lambda one: one[0])

    def do_what_is_due(self):
        while self.later and self.later[0][0] <= time.monotonic():
            self.later.pop(0)[1]()

    def make_whole(self):
        """Whatever was stopped, frozen or filled is put right."""
        self.later.clear()
        self.thaw_worker()
        self.hearing.is_away = False
        self.ballast.unlink(missing_ok=True)
        for name in ("redis", "postgres"):
            if self.site[name].has_ended():
                self.site.start(name)
        self.site.wait_until_ready()
        self.say("everything runs again")

    # ------------------------------------------------------------ faults

    def kill_web(self):
        self.say("kill -9 web")
        self.site.kill("web")

    def kill_worker(self):
        if self.frozen is None:
            self.say("kill -9 worker")
            self.site.kill("worker")

    def kill_beat(self):
        self.say("kill -9 beat")
        self.site.kill("beat")

    def stop_redis(self):
        if not self.site["redis"].has_ended():
            self.say("stop Redis")
            self.site.stop("redis")
            self.at(time.monotonic() + REDIS_AWAY_S, self.start_redis)

    def start_redis(self):
        self.say("start Redis, empty")
        self.site.start("redis")

    def restart_postgres(self):
        self.say("restart PostgreSQL")
        self.site.stop("postgres")
        self.site.start("postgres")

    def fill_storage(self):
        if not self.ballast.exists():
            self.say("the media folder is full")
            with self.ballast.open("wb") as ballast:
                ballast.truncate(LIMIT_MB * 1024 * 1024)
            self.site.kill("web")  # the next one counts anew what there is
            self.at(time.monotonic() + FULL_S, self.empty_storage)

    def empty_storage(self):
        self.say("there is room again")
        self.ballast.unlink(missing_ok=True)

    def send_hearer_away(self):
        self.say("who hears the notices is away")
        self.hearing.is_away = True
        self.at(time.monotonic() + DEAF_S, self.call_hearer_back)

    def call_hearer_back(self):
        self.say("who hears the notices is back")
        self.hearing.is_away = False

    def freeze_worker(self):
        worker = self.site["worker"]
        if worker.has_ended():
            return self.at(time.monotonic() + 1, self.freeze_worker)
        self.say("freeze the worker for a minute")
        self.frozen = worker.process.pid
        os.killpg(self.frozen, signal.SIGSTOP)
        return self.at(time.monotonic() + FREEZE_S, self.thaw_worker)

    def thaw_worker(self):
        if self.frozen is not None:
            self.say("the worker goes on")
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.frozen, signal.SIGCONT)
            self.frozen = None
