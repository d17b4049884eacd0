import io
import json
import os
import shutil

import pytest

from deploy import build, product
from deploy.progress import Progress, Stopped
from deploy.state import Site, StartFailed, State

CATALOGUE = (
    'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "case"\nmsgstr "{}"\n'
)


@pytest.fixture
def checkout(tmp_path):
    """A checkout with the files that the build looks at, and nothing installed."""
    root = tmp_path / "checkout"
    (root / "frontend").mkdir(parents=True)
    for name in build.FRONTEND_SOURCES:
        (root / "frontend" / name).write_text(name)
    for name in (build.RUN_LOCK, build.DEV_LOCK):
        (root / name).write_text(name)
    (root / "gridcity").mkdir()
    (root / "gridcity" / "settings.py").write_text("")
    site = Site(root=root, state=tmp_path / "state", port=18080)
    State.open(site)
    return site


class Recorder(Progress):
    """Notes which commands would run, and does what they would leave behind."""

    def __init__(self, effect=lambda name: None):
        super().__init__(io.StringIO())
        self.ran = []
        self.effect = effect

    def run(self, site, name, command, **options):
        self.ran.append(name)
        self.effect(name)


def test_python_packages_are_installed_once_for_a_lock(checkout, monkeypatch):
    (checkout.root / ".venv").mkdir()
    monkeypatch.setattr(build, "is_usable", lambda site: True)
    progress = Recorder()
    build.virtual_environment(checkout, progress, dev=False)
    build.virtual_environment(checkout, progress, dev=False)
    assert progress.ran == ["pip"]
    (checkout.root / build.RUN_LOCK).write_text("django==6")
    build.virtual_environment(checkout, progress, dev=False)
    assert progress.ran == ["pip", "pip"]


def test_what_tests_installed_serves_the_start_too(checkout, monkeypatch):
    (checkout.root / ".venv").mkdir()
    monkeypatch.setattr(build, "is_usable", lambda site: True)
    progress = Recorder()
    build.virtual_environment(checkout, progress, dev=True)
    build.virtual_environment(checkout, progress, dev=False)
    assert progress.ran == ["pip"]


def test_an_interrupted_installation_is_done_again(checkout, monkeypatch):
    (checkout.root / ".venv").mkdir()
    (checkout.root / ".venv" / "installed.json").write_text('{"requirements.lock": "older"}')
    monkeypatch.setattr(build, "is_usable", lambda site: True)

    def fail(name):
        raise StartFailed(name)

    with pytest.raises(StartFailed):
        build.virtual_environment(checkout, Recorder(fail), dev=False)
    assert build.read_marker(checkout.root / ".venv" / "installed.json") == {}


def test_an_environment_without_its_interpreter_is_made_anew(checkout):
    (checkout.root / ".venv" / "bin").mkdir(parents=True)
    (checkout.root / ".venv" / "bin" / "python").symlink_to("/nonexistent/python3")
    marker = checkout.root / ".venv" / "installed.json"
    marker.write_text(json.dumps({build.RUN_LOCK: "any"}))
    progress = Recorder(lambda name: (checkout.root / ".venv").mkdir(exist_ok=True))
    build.virtual_environment(checkout, progress, dev=False)
    assert progress.ran == ["venv", "pip"]


def test_an_environment_that_this_user_may_not_run_is_made_anew(checkout):
    (checkout.root / ".venv" / "bin").mkdir(parents=True)
    (checkout.root / ".venv" / "bin" / "python").touch(mode=0o600)
    assert not build.is_usable(checkout)


def test_front_end_files_are_fetched_when_their_sources_change(checkout, monkeypatch):
    monkeypatch.setattr(build.packages, "ensure", lambda *_: None)

    def effect(name):
        (checkout.root / "frontend" / "node_modules").mkdir(exist_ok=True)
        (checkout.root / "static" / "vendor").mkdir(parents=True, exist_ok=True)

    progress = Recorder(effect)
    build.frontend(checkout, progress)
    build.frontend(checkout, progress)
    assert progress.ran == ["npm", "vendor"]
    (checkout.root / "frontend" / "vendor.mjs").write_text("another whitelist")
    build.frontend(checkout, progress)
    assert progress.ran == ["npm", "vendor"] * 2


def test_translations_are_compiled_when_they_are_newer(checkout):
    source = checkout.root / "locale" / "x" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    source.write_text(CATALOGUE.format("案件"))
    build.translations(checkout)
    compiled = source.with_suffix(".mo")
    assert "案件".encode() in compiled.read_bytes()
    os.utime(compiled, (source.stat().st_mtime + 5,) * 2)
    before = compiled.stat().st_mtime
    build.translations(checkout)
    assert compiled.stat().st_mtime == before
    source.write_text(CATALOGUE.format("个案"))
    os.utime(source, (before + 5,) * 2)
    build.translations(checkout)
    assert "个案".encode() in compiled.read_bytes()


def test_a_broken_catalogue_stops_the_start_and_says_where(checkout):
    source = checkout.root / "locale" / "x" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    source.write_text('msgid "no end\n')
    with pytest.raises(StartFailed, match=r"django\.po:1"):
        build.translations(checkout)
    assert not source.with_suffix(".mo").exists()


def test_static_files_are_collected_when_one_changes(checkout):
    script = checkout.root / "static" / "gridcity" / "map.js"
    script.parent.mkdir(parents=True)
    script.write_text("one")
    state = State.open(checkout)
    state.port("postgres")
    state.port("redis")
    progress = Recorder()
    product.collect_static(state, progress)
    product.collect_static(state, progress)
    assert progress.ran == ["collectstatic"]
    script.write_text("another")
    product.collect_static(state, progress)
    assert progress.ran == ["collectstatic"] * 2


def test_a_failed_command_says_which_and_why(checkout):
    progress = Progress(io.StringIO())
    with pytest.raises(StartFailed) as failure, progress.step("database tables"):
        progress.run(checkout, "migrate", ["sh", "-c", "echo no such table; exit 3"])
    assert str(failure.value).startswith("database tables: sh -c")
    assert "ended with 3" in str(failure.value)
    assert "no such table" in str(failure.value)


def test_a_command_is_ended_when_the_user_stops_the_start(checkout):
    progress = Progress(io.StringIO())
    progress.stop.set()
    with pytest.raises(Stopped):
        progress.run(checkout, "slow", ["sleep", "60"])
    with pytest.raises(Stopped), progress.step("next"):
        pytest.fail("a step began after the stop")


def test_migrations_alone_run_as_the_owner_of_the_tables(checkout):
    state = State.open(checkout)
    state.port("postgres")
    state.port("redis")
    for command, user in (("migrate", "gridcity_owner"), ("import_parts", "gridcity")):
        url = product.manage_environment(state, command)["DATABASE_URL"]
        assert url.startswith(f"postgis://{user}:"), command


def test_the_product_is_web_two_workers_and_beat_on_loopback(checkout):
    state = State.open(checkout)
    state.port("postgres")
    state.port("redis")
    children = {child.name: child for child in product.processes(state)}
    assert list(children) == ["web", "worker", "jobs", "beat"]
    assert "127.0.0.1:18080" in children["web"].command
    assert all(child.env["GRIDCITY_PROCESS"] == name for name, child in children.items())
    passwords = [str(value) for key, value in state.data.items() if key.endswith("password")]
    for child in children.values():
        assert not any(secret in " ".join(child.command) for secret in passwords)


def test_msgfmt_is_there():
    assert shutil.which("msgfmt")


def test_tables_and_demonstration_are_looked_at_when_code_or_files_change(checkout, monkeypatch):
    remembered = {"mark": ""}
    monkeypatch.setattr(product.database, "mark", lambda state: remembered["mark"])
    monkeypatch.setattr(
        product.database, "set_mark", lambda state, made_from: remembered.update(mark=made_from)
    )
    monkeypatch.setattr(product, "collect_static", lambda *_: None)
    (checkout.root / "cases").mkdir()
    rules = checkout.root / "cases" / "workflow.py"
    rules.write_text("one")
    state = State.open(checkout)
    state.port("postgres")
    state.port("redis")
    progress = Recorder()
    product.prepare(state, progress)
    product.prepare(state, progress)
    assert progress.ran == ["migrate", "load_demonstration"]
    rules.write_text("another")
    product.prepare(state, progress)
    assert progress.ran == ["migrate", "load_demonstration"] * 2
    monkeypatch.setenv("GRIDCITY_DEMO_PASSWORD", "another one")
    product.prepare(state, progress)
    assert progress.ran == ["migrate", "load_demonstration"] * 3


def test_a_start_that_failed_half_way_is_not_remembered(checkout, monkeypatch):
    remembered = []
    monkeypatch.setattr(product.database, "mark", lambda state: "")
    monkeypatch.setattr(product.database, "set_mark", lambda *made: remembered.append(made))

    def fail(name):
        if name == "load_demonstration":
            raise StartFailed(name)

    state = State.open(checkout)
    state.port("postgres")
    state.port("redis")
    with pytest.raises(StartFailed):
        product.prepare(state, Recorder(fail))
    assert remembered == []


def test_a_step_that_the_disk_or_a_mode_stops_is_named_too():
    progress = Progress(io.StringIO())
    full = OSError(28, "No space left on device", "/srv/x")
    with (
        pytest.raises(StartFailed, match=r"static files: .*No space left.*/srv/x"),
        progress.step("static files"),
    ):
        raise full
