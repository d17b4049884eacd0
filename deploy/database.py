"""The product's database in the private cluster: made once, with an owner and an application."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from deploy.packages import pg_bin
from deploy.progress import Progress
from deploy.state import StartFailed, State

SQL = Path(__file__).resolve().parent / "postgres"
NAME = "gridcity"
LOGIN_PATIENCE_S = 60.0
MARK = """
select shobj_description(oid, 'pg_database') from pg_database where datname = current_database()
"""


def create(state: State, progress: Progress) -> None:
    """Make the database and its roles where they are missing, and set their rights again."""
    found = wait_for_login(state, progress)
    require(psql(state, "template1", ["-f", str(SQL / "tests.sql")]))
    if not found:
        require(psql(state, "postgres", ["-c", f"create database {NAME}"]))
    require(psql(state, NAME, ["-f", str(SQL / "gridcity.sql")]))


def wait_for_login(state: State, progress: Progress) -> bool:
    """Whether the database exists. The port opens a moment before the server takes logins."""
    question = f"select 1 from pg_database where datname = '{NAME}'"  # noqa: S608 - a constant
    end = time.monotonic() + LOGIN_PATIENCE_S
    while True:
        progress.check_stop()
        answer = psql(state, "postgres", ["-c", question])
        if answer.returncode == 0:
            return bool(answer.stdout.strip())
        if time.monotonic() > end:
            raise StartFailed(f"PostgreSQL takes no login: {answer.stderr.strip()}")
        time.sleep(0.1)


def mark(state: State) -> str:
    """What the tables and the demonstration were made from, kept with the database itself."""
    answer = psql(state, NAME, ["-c", MARK])
    require(answer)
    return answer.stdout.strip()


def set_mark(state: State, made_from: str) -> None:
    """Remember it; '' makes the next start look at everything again."""
    require(psql(state, NAME, ["-c", f"comment on database {NAME} is '{made_from}'"]))


def psql(state: State, database: str, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run psql as the cluster's superuser; passwords go by its environment, never by argv."""
    command = [pg_bin("psql"), "-X", "-h", "127.0.0.1", "-p", str(state.data["postgres_port"])]
    command += ["-U", "gridcity_admin", "-d", database, "-qAt", "-v", "ON_ERROR_STOP=1"]
    env = {
        "PATH": os.environ["PATH"],
        "PGPASSWORD": str(state.data["admin_password"]),
        "GRIDCITY_OWNER_DB_PASSWORD": str(state.data["owner_password"]),
        "GRIDCITY_DB_PASSWORD": str(state.data["application_password"]),
        "GRIDCITY_TEST_DB_PASSWORD": str(state.data["test_password"]),
    }
    return subprocess.run(
        [*command, *arguments], env=env, capture_output=True, text=True, check=False
    )


def require(done: subprocess.CompletedProcess[str]) -> None:
    if done.returncode:
        raise StartFailed(done.stderr.strip()[-800:])
