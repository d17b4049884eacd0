"""The API describes itself completely, readable without outside files and under the CSP."""

from __future__ import annotations

import json

import pytest
from django.core.management import call_command
from django.test import Client

from cases.workflow import ACTIONS as DECLARED
from dispatch.actions import ACTIONS, ANSWERS
from tests.clients import PageClient


@pytest.fixture(scope="module")
def description(tmp_path_factory):
    """The description as `make check` makes it: any warning fails."""
    file = tmp_path_factory.mktemp("schema") / "schema.json"
    call_command(
        "spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json",
        "--file", str(file),
    )  # fmt: skip
    return json.loads(file.read_text())


def test_every_address_of_the_issue_is_described(description):
    found = {
        (method.upper(), path.removeprefix("/api/v1"))
        for path, methods in description["paths"].items()
        for method in methods
    }
    assert found >= {
        ("POST", "/token/"), ("DELETE", "/token/"), ("GET", "/me/"), ("GET", "/locate/"),
        ("GET", "/catalogue/"), ("GET", "/departments/"), ("POST", "/cases/"), ("GET", "/cases/"),
        ("GET", "/cases/{number}/"), ("POST", "/cases/{number}/requests/"), ("GET", "/requests/"),
        *(("POST", f"/cases/{{number}}/{action}/") for action in ACTIONS),
        *(("POST", f"/cases/{{number}}/requests/{{request_id}}/{name}/") for name in ANSWERS),
    }  # fmt: skip


def test_every_post_names_the_idempotency_key(description):
    for path, methods in description["paths"].items():
        if "post" in methods and "/token/" not in path:
            names = [one["name"] for one in methods["post"].get("parameters", [])]
            assert "Idempotency-Key" in names, path


def test_every_operation_is_named_once_and_says_how_it_refuses(description):
    operations = [
        operation for methods in description["paths"].values() for operation in methods.values()
    ]
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names))
    for operation in operations:
        refusal = operation["responses"]["default"]["content"]["application/json"]["schema"]
        assert refusal == {"$ref": "#/components/schemas/RefusalOut"}, operation["operationId"]


def test_actions_of_the_table_alone_have_addresses():
    assert set(ACTIONS) <= set(DECLARED)


def test_the_description_is_served_without_login(db):
    answer = Client().get("/api/schema/")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/vnd.oai.openapi")


def test_the_reading_page_has_no_inline_code_and_names_no_other_host(db):
    page = PageClient().get("/api/docs/")
    assert page.status_code == 200
    assert "script-src 'self'" in page["Content-Security-Policy"]
    assert "unsafe" not in page["Content-Security-Policy"]
    script = Client().get("/api/docs/", {"script": ""})
    assert script["Content-Type"].startswith("application/javascript")
    assert b"/api/schema/" in script.content
    assert b"://" not in script.content
