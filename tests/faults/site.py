"""A whole site of its own: servers, web, worker and beat, as `make run` starts them."""

import http.client
import io
import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from contextlib import contextmanager
from pathlib import Path

import psycopg

from deploy import product, services, session
from deploy.progress import Progress
from deploy.state import PRIVATE_PORTS, ROOT, Site, State, is_free

INSIDE = Path(__file__).with_name("inside.py")
PATIENCE_S = 180.0  # on a machine that does other things, too, only what never comes is wrong
COLLECTING_S = 180.0  # all static files are compressed, on a machine that does other things too


class RunningSite:
    """The processes by name, and ways to speak to each."""

    def __init__(self, state, children):
        self.state = state
        self.children = {child.name: child for child in children}
        self.tokens, self.session = {}, ""

    # ------------------------------------------------------------ processes

    def __getitem__(self, name):
        return self.children[name]

    def kill(self, name):
        """End a process and its children as `kill -9` of all of them would."""
        child = self.children[name]
        os.killpg(child.process.pid, signal.SIGKILL)
        child.process.wait()

    def stop(self, *names):
        for name in names:
            child = self.children[name]
            child.process.send_signal(child.stop_signal)
        for name in names:
            child = self.children[name]
            end = time.monotonic() + 20
            while not child.has_ended():
                if time.monotonic() > end:
                    os.killpg(child.process.pid, signal.SIGKILL)
                time.sleep(0.02)

    def start(self, *names):
        for name in names:
            self.children[name].start()

    def keep_alive(self):
        """What the supervisor of `make run` does all the time."""
        for name in ("web", "worker", "jobs", "beat"):
            self.children[name].keep_alive()

    # ------------------------------------------------------------ speaking

    def inside(self, *words):
        """Run a command of `inside.py` with the site's environment; returns what it says."""
        done = subprocess.run(
            [self.state.site.python, str(INSIDE), *map(str, words)],
            env=self.state.environment("manage"), cwd=ROOT, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout)

    def in_background(self, *words):
        return subprocess.Popen(
            [self.state.site.python, str(INSIDE), *map(str, words)],
            env=self.state.environment("manage"), cwd=ROOT, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def page(self, path):
        """Status and text of a page for the duty chief, who logged in with a browser."""
        return self.ask("GET", path, session=self.session)

    def ask(self, method, path, user="", said=None, key=None, session="", kind="application/json"):
        """Status and body of an answer; the body of anything but JSON is its text."""
        headers = {"Content-Type": kind}
        if session:
            headers = {"Cookie": f"sessionid={session}", "Accept": "text/html"}
        if user:
            headers["Authorization"] = f"Token {self.tokens[user]}"
        if key:
            headers["Idempotency-Key"] = str(key)
        body = said if said is None or isinstance(said, bytes) else json.dumps(said).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.state.site.port}{path}", body, headers, method=method
        )
        status, text = sent(request)
        try:
            return status, json.loads(text)
        except ValueError:
            return status, text.decode(errors="replace")

    def act(self, number, action, user, **said):
        """One action of the API with the version that the case has now; it must succeed."""
        status, case = self.ask("GET", f"/api/v1/cases/{number}/", user)
        assert status == 200, case
        status, case = self.ask(
            "POST", f"/api/v1/cases/{number}/{action}/", user,
            {"version": case["version"], **said}, uuid.uuid4(),
        )  # fmt: skip
        assert status == 200, case
        return case

    def report(self, key=None):
        """A case reported by the supervisor of street one; the answer."""
        from tests.district import point

        lon, lat = point(1, 1)
        said = {
            "kind": "event", "class_code": "0102", "lon": lon, "lat": lat, "accuracy_m": 8,
            "placed_by": "gps", "description": "路口东侧堆放垃圾",
        }  # fmt: skip
        return self.ask("POST", "/api/v1/cases/", "supervisor-1", said, key or uuid.uuid4())

    def select(self, statement, *values):
        """Rows from the site's database, as its superuser; never through the product."""
        with self.connect() as connection:
            return connection.execute(statement, values).fetchall()

    def connect(self, **more):
        return psycopg.connect(
            host="127.0.0.1", port=self.state.data["postgres_port"], user="gridcity_admin",
            password=self.state.data["admin_password"], dbname="gridcity", autocommit=True, **more,
        )  # fmt: skip

    def wait_for(self, works, what, seconds=PATIENCE_S):
        """Wait until something holds, keeping alive what the supervisor would keep alive."""
        end = time.monotonic() + seconds
        while True:
            try:
                found = works()
            except (OSError, psycopg.OperationalError):
                found = None
            if found:
                return found
            assert time.monotonic() < end, f"in vain: {what}"
            self.keep_alive()
            time.sleep(0.1)

    def wait_until_ready(self):
        self.wait_for(lambda: not product.readiness(self.state.site.port), "the site is ready")


def collect_static(state):
    return subprocess.Popen(
        [state.site.python, "manage.py", "collectstatic", "--no-input", "-v0"],
        cwd=ROOT, env=state.environment("web"),
    )  # fmt: skip


@contextmanager
def running_site(folder):
    """Start everything in a folder of its own, and stop all of it at the end."""
    port = next(port for port in reversed(PRIVATE_PORTS) if is_free(port))
    state = State.open(Site(ROOT, folder / "state", port))
    progress = Progress(io.StringIO())
    try:
        with session.held(state, "test") as children:
            session.start_servers(state, progress, children)
            collecting = collect_static(state)  # the pages of the web process ask for hashed names
            product.manage(state, progress, "migrate", "--no-input", "-v0")
            site = RunningSite(state, children)
            said = site.inside("lay_out")
            site.tokens, site.session = said["tokens"], said["session"]
            assert collecting.wait(COLLECTING_S) == 0
            for child in product.processes(state):
                children.append(child)
                site.children[child.name] = child
                child.start()
            site.wait_until_ready()
            yield site
    finally:
        services.remove(state)


def sent(request):
    """Status and bytes of an answer; one that is cut off in the middle is no answer: OSError."""
    try:
        return answered(request)
    except http.client.HTTPException as cut:
        raise ConnectionResetError("the answer was cut off") from cut


def answered(request):
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read()
