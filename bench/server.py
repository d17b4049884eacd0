"""The web server as in production: gunicorn with two processes, on a free port of loopback."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.load import exchange, request_bytes
from deploy.state import PRIVATE_PORTS, is_free

ROOT = Path(__file__).resolve().parent.parent
START_PATIENCE_S = 40.0
STOP_PATIENCE_S = 15.0


class ServerFailed(Exception):
    """The web server did not come up; the message is the end of its log."""


@contextmanager
def web() -> Iterator[int]:
    """Serve the product with the bench's database while the block runs; gives the port."""
    port = next(port for port in reversed(PRIVATE_PORTS) if is_free(port))
    with tempfile.TemporaryDirectory(prefix="gridcity-bench-") as folder:
        env = environment(Path(folder))
        manage(env, "collectstatic", "--no-input", "-v0")
        log = Path(folder) / "web.log"
        command = [
            sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py",
            "-b", f"127.0.0.1:{port}",
        ]  # fmt: skip
        with log.open("wb") as out:
            process = subprocess.Popen(
                command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )
        try:
            wait_until_alive(process, port, log)
            yield port
        finally:
            stop(process)


def environment(folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "bench.settings",
        "GRIDCITY_PROCESS": "web",
        "GRIDCITY_STATIC_ROOT": str(folder / "static"),
        "GRIDCITY_MEDIA": str(folder / "media"),
        "GRIDCITY_LOG_LEVEL": "WARNING",
        "WEB_PROCESSES": "2",
    }


def manage(env: dict[str, str], *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise ServerFailed(f"{' '.join(arguments)}: {done.stderr.strip()[-800:]}")


def wait_until_alive(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + START_PATIENCE_S
    while time.monotonic() < end and process.poll() is None:
        try:
            if exchange(port, request_bytes("GET", "/healthz", {}))[0] == 200:
                return
        except OSError:
            time.sleep(0.05)
    raise ServerFailed(f"the web server does not answer:\n{log.read_text()[-1500:]}")


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask it to stop, by its own pid; kill it when it will not."""
    process.terminate()
    try:
        process.wait(STOP_PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
