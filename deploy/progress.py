"""Steps of the start: a line for each, and a way to stop between and inside them."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import TextIO

from deploy.processes import write_pid_file
from deploy.state import Site, StartFailed

TAIL_CHARS = 1500


class Stopped(Exception):
    """The user asked to stop while a step was running."""


class Progress:
    """Prints what the start is doing.

    Commands whose own output matters print it to stderr, and not the steps that are quick.
    """

    def __init__(self, out: TextIO | None = None, *, steps: bool = True) -> None:
        self._out = out or sys.stdout
        self._steps = steps
        self._began = time.monotonic()
        self.stop = threading.Event()
        self.interrupted = False  # by Ctrl-C, which the terminal sends to all that stand at it

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def say(self, text: str) -> None:
        print(f"[{self.seconds:5.1f} s] {text}", file=self._out, flush=True)

    def check_stop(self) -> None:
        if self.stop.is_set():
            raise Stopped

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Announce a step, and name it in the failure. Raises Stopped between steps."""
        self.check_stop()
        if self._steps:
            self.say(f"{name} …")
        try:
            yield
        except (
            StartFailed,
            OSError,
        ) as problem:  # OSError: a full disk, a folder not to be entered
            raise StartFailed(f"{name}: {problem}") from problem

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Turn Ctrl-C, `make down` and a closed terminal into the stop flag."""
        signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {sig: signal.signal(sig, self._asked) for sig in signals}
        try:
            yield
        finally:
            for sig, handler in before.items():
                signal.signal(sig, handler)

    def _asked(self, signum: int, frame: FrameType | None) -> None:
        self.interrupted = self.interrupted or signum == signal.SIGINT
        self.stop.set()

    def run(
        self,
        site: Site,
        name: str,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        """Run a command to its end with its output in the log of this name.

        Raises StartFailed with the end of the log when it fails, Stopped when asked to stop. It
        runs in a session of its own, so that Ctrl-C reaches it only through the stop flag.
        """
        with site.log(name).open("wb") as out:
            process = subprocess.Popen(
                command,
                cwd=cwd or site.root,
                env=os.environ if env is None else env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            write_pid_file(site.pid_file("step"), process.pid)
            self._wait(process)
        site.pid_file("step").unlink(missing_ok=True)
        if process.returncode:
            raise StartFailed(
                f"{' '.join(command[:5])} ended with {process.returncode}:\n{tail(site.log(name))}"
            )

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.1)
                return
            if self.stop.is_set():
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGTERM)
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
                raise Stopped


def tail(log: Path) -> str:
    """The end of a log, where the reason of a failure stands."""
    with contextlib.suppress(OSError):
        return log.read_text(errors="replace").strip()[-TAIL_CHARS:]
    return f"(no log at {log})"
