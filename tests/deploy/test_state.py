import json
import socket
from dataclasses import replace

import pytest

from deploy.__main__ import check_environment
from deploy.state import PRIVATE_PORTS, ROOT, Locked, Site, StartFailed, State, demo_password


def occupied(port):
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("127.0.0.1", port))
    server.listen()
    return server


def test_the_state_folder_and_port_come_from_the_environment(tmp_path):
    plain = Site.from_environment({})
    assert (plain.state, plain.port) == (ROOT / ".state", 18080)
    elsewhere = Site.from_environment({"GRIDCITY_STATE": str(tmp_path), "PORT": "18999"})
    assert (elsewhere.state, elsewhere.port) == (tmp_path, 18999)


@pytest.mark.parametrize("port", ["0", "65536", "eighty", "-1", "80.5"])
def test_a_port_that_is_none_stops_the_start(port):
    with pytest.raises(StartFailed, match="PORT"):
        Site.from_environment({"PORT": port})


def test_a_relative_state_folder_lies_in_the_checkout():
    assert Site.from_environment({"GRIDCITY_STATE": "other"}).state == ROOT / "other"


def test_secrets_are_readable_by_the_owner_only_and_survive(site, state):
    assert state.file.stat().st_mode & 0o777 == 0o600
    assert site.state.stat().st_mode & 0o777 == 0o711
    for name in ("log", "run", "media"):
        assert (site.state / name).stat().st_mode & 0o777 == 0o700, name
    again = State.open(site)
    assert again.data == state.data
    secrets = [value for key, value in state.data.items() if "password" in key or "secret" in key]
    assert len(secrets) == len(set(secrets)) == 6
    assert all(len(str(secret)) >= 40 for secret in secrets)


def test_ports_lie_below_those_the_kernel_gives_away_and_are_kept(state):
    ports = [state.port("postgres"), state.port("redis")]
    assert all(20000 <= port <= 32767 for port in ports)
    assert ports[0] != ports[1]
    assert [State.open(state.site).port(name) for name in ("postgres", "redis")] == ports


def test_a_port_that_somebody_took_is_replaced(state):
    before = state.port("postgres")
    with occupied(before):
        after = state.port("postgres")
    assert after != before
    assert after in PRIVATE_PORTS


def test_two_states_side_by_side_share_neither_ports_nor_secrets(site, state, tmp_path):
    other = State.open(Site(root=site.root, state=tmp_path / "other", port=18081))
    mine = {state.port("postgres"), state.port("redis")}
    servers = [occupied(port) for port in mine]
    theirs = {other.port("postgres"), other.port("redis")}
    for server in servers:
        server.close()
    assert not mine & theirs
    shared = {key for key in state.data if state.data[key] == other.data.get(key)}
    assert shared == set()


def test_a_copied_state_is_refused_and_a_moved_one_is_not(site, state, tmp_path):
    copy = Site(root=site.root, state=tmp_path / "copy", port=18080)
    copy.state.mkdir()
    (copy.state / "state.json").write_text(state.file.read_text())
    with pytest.raises(StartFailed, match="copy of"):
        State.open(copy)
    state.file.unlink()
    assert State.open(copy).data["id"] == state.data["id"]
    state.file.write_text(json.dumps(state.data))


def test_the_lock_names_who_holds_it_and_is_free_afterwards(state):
    with state.lock("servers", "run"):
        with pytest.raises(Locked) as refused, state.lock("servers", "test"):
            pass
        assert refused.value.holder == "run"
        assert "make down" in str(refused.value)
    with state.lock("servers", "test"):
        pass


def test_the_application_and_the_owner_log_in_as_different_roles(state):
    state.port("postgres")
    state.port("redis")
    environment = state.environment("web")
    assert environment["DATABASE_URL"].startswith("postgis://gridcity:")
    assert environment["GRIDCITY_OWNER_DATABASE_URL"].startswith("postgis://gridcity_owner:")
    assert environment["GRIDCITY_PROCESS"] == "web"
    assert environment["GRIDCITY_ALLOWED_HOSTS"] == "127.0.0.1,localhost"


def test_the_demonstration_password_can_be_chosen():
    assert demo_password({}) == "gridcity-demo"
    assert demo_password({"GRIDCITY_DEMO_PASSWORD": "another one"}) == "another one"


def test_checks_stay_away_from_the_product_whose_tables_their_role_may_not_read(state):
    state.data["test_password"] = state.data["redis_password"] = "secret"
    state.data["postgres_port"], state.data["redis_port"] = 20001, 20002
    said = check_environment(state)
    for name in ("DATABASE_URL", "GRIDCITY_OWNER_DATABASE_URL"):
        assert said[name].endswith("@127.0.0.1:20001/postgres")


def test_a_folder_of_somebody_else_is_refused_and_left_as_it_was(site):
    site.state.mkdir(mode=0o750)
    (site.state / "theirs.txt").write_text("theirs")
    with pytest.raises(StartFailed, match="holds other files"):
        State.open(site)
    assert site.state.stat().st_mode & 0o777 == 0o750
    assert [path.name for path in site.state.iterdir()] == ["theirs.txt"]


def test_what_an_interrupted_first_start_left_is_taken(site):
    (site.state / "log").mkdir(parents=True)
    (site.state / "state.new").write_text("")
    assert State.open(site).data["id"]


def test_a_state_reached_by_a_link_is_the_same_state(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "there")
    sites = [
        Site.from_environment({"GRIDCITY_STATE": str(tmp_path / name)})
        for name in ("there", "link")
    ]
    first, second = (State.open(site).data["id"] for site in sites)
    assert first == second


def test_a_broken_state_is_named(site, state):
    state.file.write_text("")
    with pytest.raises(StartFailed, match=r"state\.json cannot be read"):
        State.open(site)


def test_a_private_port_makes_room_for_the_port_of_the_site(site, state):
    port = state.port("postgres")
    moved = State.open(replace(site, port=port))
    assert moved.port("postgres") != port
