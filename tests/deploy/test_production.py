"""What runs in production, read as text: no container engine is needed to see these mistakes."""

import json
import re
import runpy
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import yaml
from axes.helpers import get_client_ip_address
from django.conf import settings as product_settings

from deploy import healthcheck, packages
from deploy.state import ROOT

COMPOSE_TEXT = (ROOT / "docker-compose.yml").read_text()
SERVICES = yaml.safe_load(COMPOSE_TEXT)["services"]
OURS = ("web", "worker", "jobs", "beat", "migrate")
NGINX = (ROOT / "deploy/nginx/gridcity.conf.template").read_text()
SQL = (ROOT / "deploy/postgres/gridcity.sql").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
EXAMPLE = (ROOT / ".env.example").read_text()

VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(?::?([-?])([^}]*))?\}")
SECRET = re.compile(r"SECRET|PASSWORD")


def listed_variables():
    """Variables of .env.example with their values; one that is only explained has None."""
    found = {}
    for line in EXAMPLE.splitlines():
        if match := re.fullmatch(r"(# )?([A-Z][A-Z0-9_]+)=(.*)", line):
            found[match[2]] = None if match[1] else match[3]
    return found


def test_every_part_of_the_product_has_its_service_and_a_health_check():
    assert set(SERVICES) == {"nginx", *OURS, "database", "redis"}
    for name in set(SERVICES) - {"migrate"}:
        assert SERVICES[name]["healthcheck"]["test"], name


def test_nothing_is_reached_from_outside_but_nginx():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx"]
    assert SERVICES["nginx"]["ports"] == ["80:80", "443:443"]
    assert yaml.safe_load(COMPOSE_TEXT)["networks"]["back"]["internal"] is True
    for name in ("database", "redis", "jobs", "beat", "migrate"):
        assert SERVICES[name]["networks"] == ["back"], name
    # Mail and webhooks leave from the worker alone; no port leads to it.
    assert SERVICES["worker"]["networks"] == ["back", "out"]
    assert all(service.get("network_mode") != "host" for service in SERVICES.values())


def test_secrets_come_from_the_environment_and_have_no_default():
    for name, operator, _ in VARIABLE.findall(COMPOSE_TEXT):
        if SECRET.search(name):
            assert operator == "?", name
    for name, value in listed_variables().items():
        if SECRET.search(name) and name != "GRIDCITY_DEMO_PASSWORD":
            assert not value, name
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if SECRET.search(name) or name == "REDISCLI_AUTH":
                assert str(value).startswith("${"), name


def test_the_example_lists_every_variable_that_is_read():
    listed = set(listed_variables())
    assert {name for name, _, _ in VARIABLE.findall(COMPOSE_TEXT)} <= listed
    source = (ROOT / "gridcity/settings.py").read_text()
    readers = r"(?:text|flag|number|items|span|mail_server|environ\.get)\(\s*\"([A-Z_]+)\""
    read = set(re.findall(readers, source))
    assert {"GRIDCITY_SECRET_KEY", "DATABASE_URL"} <= read
    assert read <= listed
    gunicorn = (ROOT / "deploy/gunicorn.conf.py").read_text()
    assert set(re.findall(readers, gunicorn)) <= listed


def test_the_defaults_of_the_example_are_those_of_the_compose_file():
    listed = listed_variables()
    for name, operator, default in VARIABLE.findall(COMPOSE_TEXT):
        if operator == "-":
            assert listed[name] == default, name


def test_no_service_runs_the_demonstration():
    for name in OURS:
        assert "GRIDCITY_DEMO" not in SERVICES[name]["environment"], name
        assert "GRIDCITY_DEBUG" not in SERVICES[name]["environment"], name


def test_the_application_logs_in_as_the_role_that_owns_nothing():
    for name in ("web", "worker", "jobs", "beat"):
        assert SERVICES[name]["environment"]["DATABASE_URL"].startswith("postgis://gridcity:"), name
    assert SERVICES["migrate"]["environment"]["DATABASE_URL"].startswith(
        "postgis://gridcity_owner:"
    )
    mounts = SERVICES["database"]["volumes"]
    assert any(mount.startswith("./deploy/postgres/gridcity.sql:") for mount in mounts)
    granted = re.findall(r"grant ([a-z, ]+) on tables to gridcity;", SQL)
    assert granted == ["select, insert, update, delete"]
    assert "owner to gridcity_owner" in SQL
    assert not re.search(r"password\s+'", SQL)


def test_the_product_waits_for_its_tables_and_runs_without_privileges():
    for name in OURS:
        service = SERVICES[name]
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
    for name in ("web", "worker", "jobs", "beat"):
        waits = SERVICES[name]["depends_on"]["migrate"]["condition"]
        assert waits == "service_completed_successfully", name
    assert re.search(r"^USER gridcity$", DOCKERFILE, re.MULTILINE)
    assert DOCKERFILE.rindex("USER gridcity") < DOCKERFILE.rindex("CMD")


def test_each_process_is_told_what_it_is():
    told = {name: SERVICES[name]["environment"]["GRIDCITY_PROCESS"] for name in OURS}
    assert told == {
        "web": "web",
        "worker": "worker",
        "jobs": "jobs",
        "beat": "beat",
        "migrate": "manage",
    }


def test_nginx_ends_tls_and_passes_everything_to_the_web_process():
    assert "server web:8000 " in NGINX
    assert "0.0.0.0:8000" in SERVICES["web"]["command"]
    assert set(re.findall(r"proxy_pass (\S+);", NGINX)) == {"http://web"}
    assert re.search(r"listen 443 ssl", NGINX)
    assert re.search(r"ssl_protocols TLSv1\.2 TLSv1\.3;", NGINX)
    assert re.search(r"return 301 https://", NGINX)
    assert re.search(r"Strict-Transport-Security \"max-age=\d{8}", NGINX)


def test_nginx_lets_an_idle_connection_go_before_the_web_process_does():
    """Else a POST now and then meets a connection that is just being closed."""
    idle = int(re.search(r"keepalive_timeout (\d+)s;", NGINX)[1])
    web = runpy.run_path(str(ROOT / "deploy/gunicorn.conf.py"))["keepalive"]
    assert idle < web


def test_nginx_looks_the_web_container_up_again():
    assert re.search(r"resolver 127\.0\.0\.11 valid=\ds", NGINX)
    assert "server web:8000 resolve" in NGINX


def test_redis_does_not_keep_the_product_from_starting():
    for name in ("web", "worker", "jobs", "beat"):
        assert SERVICES[name]["depends_on"]["redis"]["condition"] == "service_started"


def test_every_variable_that_may_be_filled_in_reaches_the_containers():
    passed = {name for name, _, _ in VARIABLE.findall(COMPOSE_TEXT)}
    assert {name for name, value in listed_variables().items() if value is not None} <= passed


def test_nginx_serves_no_file_by_itself():
    assert not re.search(r"^\s*(root|alias|try_files|autoindex)\b", NGINX, re.MULTILINE)
    assert not any("media" in mount for mount in SERVICES["nginx"]["volumes"])


def test_nginx_hands_live_messages_on_at_once():
    live = re.search(r"location /live/ \{(.*?)\n    \}", NGINX, re.DOTALL)[1]
    assert "proxy_buffering off;" in live
    assert "gzip off;" in live
    assert "proxy_set_header" not in live, "one there would drop those of the server block"


def test_nginx_lets_nine_photos_through_and_no_invented_address():
    megabytes = int(re.search(r"client_max_body_size (\d+)m;", NGINX)[1])
    assert megabytes * 1024 * 1024 == product_settings.REQUEST_MAX_BYTES
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in NGINX
    assert "proxy_set_header X-Forwarded-Proto https;" in NGINX
    assert SERVICES["web"]["environment"]["GRIDCITY_BEHIND_PROXY"] == "1"


def test_the_image_carries_the_front_end_and_the_libraries_of_the_start():
    assert "COPY --from=frontend /src/static/vendor static/vendor" in DOCKERFILE
    assert "npm ci --ignore-scripts" in DOCKERFILE
    assert "nodejs" not in DOCKERFILE
    for package in packages.GDAL.packages:
        assert package in DOCKERFILE


@pytest.mark.parametrize(
    ("behind_proxy", "address"), [(True, "203.0.113.9"), (False, "172.18.0.5")]
)
def test_failed_logins_count_against_the_browser_and_not_against_nginx(
    settings, rf, behind_proxy, address
):
    settings.BEHIND_PROXY = behind_proxy
    claimed = "198.51.100.1, 203.0.113.9"
    request = rf.get("/", REMOTE_ADDR="172.18.0.5", headers={"x-forwarded-for": claimed})
    assert get_client_ip_address(request) == address


def test_what_nginx_says_itself_has_the_shape_of_every_error():
    said = re.findall(r"return (\d+) '(\{.*\})';", NGINX)
    assert [status for status, _ in said] == ["413", "503"]
    for _, body in said:
        assert set(json.loads(body)) == {"code", "detail", "fields"}


@pytest.mark.parametrize("path", [".env", ".state", ".git", ".venv", "static/vendor", "tests"])
def test_the_image_takes_no_secret_and_nothing_that_was_built_elsewhere(path):
    assert path in (ROOT / ".dockerignore").read_text().splitlines()


@pytest.mark.parametrize(
    ("status", "body", "well"),
    [
        (200, b'{"parts": {"database": "ok", "beat": "ok"}, "degraded": false}', True),
        (200, b'{"parts": {"database": "ok", "beat": "silent"}, "degraded": true}', False),
        (200, b'{"parts": {"database": "ok"}}', False),
        (200, b"<html>", False),
        (503, b'{"status": "database away"}', False),
    ],
)
def test_a_container_is_well_when_its_part_is(status, body, well):
    hosts = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            hosts.append((self.path, self.headers["Host"]))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        base = f"http://127.0.0.1:{server.server_port}"
        assert healthcheck.is_well(base, "beat", "grid.example") is well
        thread.join()
    assert hosts == [("/readyz", "grid.example")]


def test_a_container_that_does_not_answer_is_not_well():
    assert not healthcheck.is_well("http://127.0.0.1:9", "beat", "grid.example")


def test_a_check_of_the_whole_forgets_its_own_state_only():
    """The site that somebody runs from the checkout, and its data, outlive it."""
    script = (ROOT / ".ci/run").read_text()
    assert script.index("GRIDCITY_STATE=$(mktemp -d") < script.index("demo-reset")
    assert "export GRIDCITY_STATE" in script
    assert "make check" in script
    assert "make test" in script
