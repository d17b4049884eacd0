import io

import pytest

from deploy import packages
from deploy.packages import Need
from deploy.progress import Progress
from deploy.state import StartFailed


def absent():
    return False


def present():
    return True


@pytest.fixture
def progress():
    return Progress(io.StringIO())


def test_only_what_is_not_there_is_missing():
    needs = (Need(("a", "b"), absent), Need(("c",), present), Need(("d",), absent))
    assert packages.missing(needs) == ["a", "b", "d"]


def test_nothing_is_asked_of_a_machine_that_has_all(progress, monkeypatch):
    monkeypatch.setattr(packages, "become_root", lambda: pytest.fail("asked for root"))
    packages.ensure((Need(("c",), present),), progress)


def test_a_user_who_may_not_install_gets_one_sentence_with_the_command(progress, monkeypatch):
    monkeypatch.setattr(packages, "become_root", lambda: None)
    with pytest.raises(StartFailed) as refused:
        packages.ensure((Need(("redis-server", "gettext"), absent),), progress)
    sentence = str(refused.value)
    assert "apt-get install --no-install-recommends redis-server gettext" in sentence
    assert "\n" not in sentence


def test_root_installs_and_no_service_may_start_meanwhile(progress, monkeypatch, tmp_path):
    policy, cluster = tmp_path / "policy-rc.d", tmp_path / "etc" / "gridcity.conf"
    monkeypatch.setattr(packages, "POLICY", policy)
    monkeypatch.setattr(packages, "NO_CLUSTER", cluster)
    monkeypatch.setattr(packages, "become_root", list)
    there = []
    seen = []

    def apt(root, arguments, progress):
        seen.append((arguments[0], policy.read_text(), cluster.read_text()))
        there.append(arguments[-1])

    monkeypatch.setattr(packages, "apt", apt)
    packages.ensure((Need(("redis-server",), lambda: "redis-server" in there),), progress)
    assert [step for step, _, _ in seen] == ["update", "install"]
    assert all("exit 101" in denied for _, denied, _ in seen)
    assert all("create_main_cluster = false" in made for _, _, made in seen)
    assert not policy.exists()
    assert not cluster.exists()


def test_a_policy_of_the_machine_itself_is_kept(progress, monkeypatch, tmp_path):
    policy = tmp_path / "policy-rc.d"
    policy.write_text("its own")
    monkeypatch.setattr(packages, "POLICY", policy)
    monkeypatch.setattr(packages, "NO_CLUSTER", tmp_path / "gridcity.conf")
    with packages.no_services_started([]):
        assert policy.read_text() == "its own"
    assert policy.read_text() == "its own"


def test_a_package_that_does_not_help_is_named(progress, monkeypatch, tmp_path):
    monkeypatch.setattr(packages, "POLICY", tmp_path / "policy-rc.d")
    monkeypatch.setattr(packages, "NO_CLUSTER", tmp_path / "gridcity.conf")
    monkeypatch.setattr(packages, "become_root", list)
    monkeypatch.setattr(packages, "apt", lambda *_: None)
    with pytest.raises(StartFailed, match="redis-server is installed but cannot be used"):
        packages.ensure((Need(("redis-server",), absent),), progress)


def test_the_browser_is_wanted_for_tests_only_and_the_fonts_by_printed_sheets_too():
    to_run = {name for need in packages.TO_RUN for name in need.packages}
    to_test = {name for need in packages.TO_TEST for name in need.packages}
    assert to_test - to_run == {"chromium-headless-shell"}
    assert {"fonts-noto-cjk", "libpango-1.0-0"} <= to_run
    assert not to_run & {"nodejs", "npm"}, "Node serves only the front-end step"


@pytest.mark.parametrize(
    ("shown", "enough"),
    [("v18.19.0", True), ("v22.1.0", True), ("v16.20.2", False), ("", False)],
)
def test_node_must_be_new_enough(monkeypatch, shown, enough):
    class Shown:
        stdout = shown

    monkeypatch.setattr(packages.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(packages.subprocess, "run", lambda *_, **__: Shown)
    assert packages.has_node() is enough


def test_what_a_killed_installation_left_behind_is_removed_by_the_next(
    progress, monkeypatch, tmp_path
):
    policy, cluster = tmp_path / "policy-rc.d", tmp_path / "gridcity.conf"
    monkeypatch.setattr(packages, "POLICY", policy)
    monkeypatch.setattr(packages, "NO_CLUSTER", cluster)
    policy.write_text(packages.POLICY_TEXT)
    cluster.write_text(packages.NO_CLUSTER_TEXT)
    with packages.no_services_started([]):
        assert policy.exists()
    assert not policy.exists()
    assert not cluster.exists()
