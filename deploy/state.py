"""What survives between two starts: the state folder with its id, ports, secrets and logs."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The kernel hands out 32768 and above to outgoing connections: a port there may be taken at any
# moment between two starts.
PRIVATE_PORTS = range(20000, 32768)
FOLDERS = ("log", "run", "media")
PASSWORDS = ("admin", "owner", "application", "test", "redis")
DEMO_PASSWORD = "gridcity-demo"  # noqa: S105 - public on purpose; production settings refuse it


class StartFailed(Exception):
    """A step failed; the message says which, why and what to do."""


@dataclass(frozen=True)
class Site:
    """Which checkout runs, where its state lies and on which port it serves."""

    root: Path
    state: Path
    port: int

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], root: Path = ROOT) -> Site:
        """Read `PORT` and `GRIDCITY_STATE`. Raises StartFailed when the port is no port."""
        state = Path(environ.get("GRIDCITY_STATE") or root / ".state")
        port = environ.get("PORT") or "18080"
        if not port.isdigit() or not 1 <= int(port) <= 65535:
            raise StartFailed(f"PORT must be a number from 1 to 65535, not {port!r}")
        # Without its symbolic links: under another name it would look like a copy of itself.
        return cls(root=root, state=(root / state).resolve(), port=int(port))

    @property
    def python(self) -> str:
        return str(self.root / ".venv" / "bin" / "python")

    def log(self, name: str) -> Path:
        return self.state / "log" / f"{name}.log"

    def pid_file(self, name: str) -> Path:
        return self.state / "run" / f"{name}.pid"


@dataclass
class State:
    """The contents of `state.json`, readable by its owner only because it holds the secrets."""

    site: Site
    data: dict[str, str | int] = field(default_factory=dict)

    @classmethod
    def open(cls, site: Site) -> State:
        """Create or read the state folder, which others may pass through but not list.

        Raises StartFailed for a folder of somebody else's, whose mode must not be changed, and for
        one that was copied from one that still exists: both would claim the same cluster and the
        same processes.
        """
        site.state.mkdir(parents=True, exist_ok=True)
        state = cls(site)
        state._refuse_foreign_folder()
        site.state.chmod(0o711)
        for folder in FOLDERS:
            (site.state / folder).mkdir(exist_ok=True)
            (site.state / folder).chmod(0o700)
        if state.file.exists():
            state.data = read(state.file)
            state._refuse_copy()
        state.data["path"] = str(site.state)
        state.data.setdefault("id", secrets.token_hex(8))
        state.data.setdefault("secret_key", secrets.token_urlsafe(48))
        for name in PASSWORDS:
            state.data.setdefault(f"{name}_password", secrets.token_hex(24))
        state.save()
        return state

    @property
    def file(self) -> Path:
        return self.site.state / "state.json"

    def _refuse_foreign_folder(self) -> None:
        """An empty folder, one of ours, or what an interrupted first start left is taken."""
        names = {path.name for path in self.site.state.iterdir()}
        if self.file.name not in names and names - {*FOLDERS, self.file.with_suffix(".new").name}:
            raise StartFailed(
                f"{self.site.state} holds other files; GRIDCITY_STATE must name a folder of its own"
            )

    def _refuse_copy(self) -> None:
        origin = Path(str(self.data.get("path", self.site.state)))
        if origin == self.site.state or not (origin / "state.json").exists():
            return
        if read(origin / "state.json").get("id") == self.data.get("id"):
            raise StartFailed(f"{self.site.state} is a copy of {origin}; remove it to start anew")

    def save(self) -> None:
        fresh = self.file.with_suffix(".new")
        fresh.touch(mode=0o600)
        with fresh.open("w") as file:
            file.write(json.dumps(self.data, indent=1))
            file.flush()
            os.fsync(file.fileno())  # a power cut may not leave an empty file in its place
        fresh.replace(self.file)

    def port(self, name: str) -> int:
        """The port used last time if it is free, else another one, which is kept."""
        known = self.data.get(f"{name}_port")
        others = (value for key, value in self.data.items() if key.endswith("_port"))
        taken = {self.site.port, *(port for port in others if port != known)}
        candidates = [int(known)] if known else []
        candidates += secrets.SystemRandom().sample(PRIVATE_PORTS, 50)
        for port in candidates:
            if port not in taken and is_free(port):
                self.data[f"{name}_port"] = port
                self.save()
                return port
        raise StartFailed(f"no free port from {PRIVATE_PORTS[0]} to {PRIVATE_PORTS[-1]}")

    def database_url(self, role: str, name: str = "gridcity") -> str:
        """URL for one of the database roles; it holds the password, so it goes into no log."""
        user = "gridcity" if role == "application" else f"gridcity_{role}"
        password = self.data[f"{role}_password"]
        return f"postgis://{user}:{password}@127.0.0.1:{self.data['postgres_port']}/{name}"

    def redis_url(self, number: int = 0) -> str:
        password, port = self.data["redis_password"], self.data["redis_port"]
        return f"redis://:{password}@127.0.0.1:{port}/{number}"

    def environment(self, process: str = "manage") -> dict[str, str]:
        """What a process of the product reads, on top of the caller's own environment."""
        return {
            **os.environ,
            "PORT": str(self.site.port),
            "GRIDCITY_STATE": str(self.site.state),
            "GRIDCITY_PROCESS": process,
            "GRIDCITY_SECRET_KEY": str(self.data["secret_key"]),
            "GRIDCITY_MEDIA": str(self.site.state / "media"),
            "GRIDCITY_STATIC_ROOT": str(self.site.state / "static"),
            "GRIDCITY_ALLOWED_HOSTS": "127.0.0.1,localhost",
            "GRIDCITY_DEMO": "1",
            "GRIDCITY_DEMO_PASSWORD": demo_password(os.environ),
            **self._outbox(),
            "DATABASE_URL": self.database_url("application"),
            "GRIDCITY_OWNER_DATABASE_URL": self.database_url("owner"),
            "REDIS_URL": self.redis_url(),
        }

    def _outbox(self) -> dict[str, str]:
        """The demonstration sends nothing: mails and short messages become files."""
        outbox = self.site.state / "outbox"
        return {
            "GRIDCITY_URL": f"http://127.0.0.1:{self.site.port}",
            "GRIDCITY_EMAIL_URL": f"file://{outbox / 'mail'}",
            "GRIDCITY_GATEWAY_FOLDER": str(outbox),
            "GRIDCITY_SMS_GATEWAY": "cases.channels.gateways.FileGateway",
        }

    @contextlib.contextmanager
    def lock(self, name: str, holder: str) -> Iterator[None]:
        """Hold a lock that the kernel drops with the process. Raises Locked, naming the holder."""
        with (self.site.state / "run" / f"{name}.lock").open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                raise Locked(self.site.state, lock.read().strip()) from None
            lock.seek(0)
            lock.truncate()
            lock.write(holder)
            lock.flush()
            yield


class Locked(StartFailed):
    """Another command is at work with this state."""

    def __init__(self, state: Path, holder: str) -> None:
        super().__init__(f"`make {holder}` is at work with {state}; `make down` stops it")
        self.holder = holder


def read(file: Path) -> dict[str, str | int]:
    """The contents of a `state.json`. Raises StartFailed when it is broken."""
    try:
        found: dict[str, str | int] = json.loads(file.read_text())
    except ValueError as problem:
        raise StartFailed(
            f"{file} cannot be read ({problem}); put it back from a copy, "
            "or remove its folder to start anew"
        ) from None
    return found


def demo_password(environ: Mapping[str, str]) -> str:
    return environ.get("GRIDCITY_DEMO_PASSWORD") or DEMO_PASSWORD


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1 now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
