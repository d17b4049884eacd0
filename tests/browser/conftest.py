"""Browsers for the tests that click: Debian's Chromium, watched for everything a page must not do.

Each person has a browser of his own. It fails the test at the end when a page wrote an error to
the console, was stopped by the content security policy, threw, or asked another host for anything.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import pytest
from django.conf import settings
from django.contrib.staticfiles import handlers
from django.http import FileResponse
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from deploy import packages
from gridcity.live import hub
from gridcity.models import User
from tests.clients import PageClient
from tests.district import PASSWORD, TestDistrict

# Playwright's loop runs in the test's thread; the server has threads and connections of its own.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE = Path(settings.BASE_DIR, "frontend", "node_modules", "axe-core", "axe.min.js")
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}
PATIENCE_MS = 30_000
SETTLE_MS = 400

pytestmark = pytest.mark.browser


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of this folder are marked, and skipped where there is no Chromium."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if not packages.chromium():
                item.add_marker(pytest.mark.skip(reason="Chromium is not installed"))


@pytest.fixture(scope="session", autouse=True)
def _no_collected_files(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The live server finds static files where they are written, not where they are collected."""
    settings.STATIC_ROOT = tmp_path_factory.mktemp("static")


@pytest.fixture(scope="session", autouse=True)
def _static_files_are_kept() -> Iterator[None]:
    """As in service, a browser asks once for a static file: half of a page's work are its forty."""
    serve = handlers.StaticFilesHandlerMixin.serve

    def kept(self: Any, request: Any) -> FileResponse:
        answer = serve(self, request)
        answer["Cache-Control"] = "max-age=3600"
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(handlers.StaticFilesHandlerMixin, "serve", kept)
        yield


@pytest.fixture(scope="session", autouse=True)
def _listener_ends(django_db_setup: None) -> Iterator[None]:
    """A live stream makes this process listen; the database cannot be dropped before that ends."""
    yield
    hub.close()
    for thread in hub._threads:
        thread.join(10)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Where the machine is busy a page may take its time: only a page that never comes is wrong."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=packages.chromium(), args=FLAGS)
    yield browser
    browser.close()


class Person:
    """Somebody at a browser; `page` is what he looks at, `faults` what it complained of."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.base = base
        self.context = context
        self.faults: list[str] = []
        self.refusals_expected = False
        context.set_default_timeout(PATIENCE_MS)
        context.on("request", lambda request: self._watch_host(request.url))
        self.page: Page = context.new_page()
        self.page.on("console", lambda line: self._watch_console(line.type, line.text))
        self.page.on("pageerror", lambda error: self.faults.append(f"thrown: {error}"))

    def _watch_host(self, url: str) -> None:
        parts = urlparse(url)
        if (
            parts.scheme in {"http", "https", "ws", "wss"}
            and parts.netloc != urlparse(self.base).netloc
        ):
            self.faults.append(f"asked another host: {url}")

    def _watch_console(self, kind: str, text: str) -> None:
        # A refused request (409, 400) is written to the console by the browser itself.
        if kind == "error" and not (self.refusals_expected and "status of 4" in text):
            self.faults.append(f"console: {text}")

    def go(self, path: str) -> Page:
        self.page.goto(self.base + path)
        return self.page

    def enter(self, username: str, path: str = "") -> Page:
        """Be logged in without the page for it, and go to the path, if there is one."""
        client = PageClient().enter(User.objects.get(username=username))
        name = settings.SESSION_COOKIE_NAME
        self.context.add_cookies(
            [{"name": name, "value": client.cookies[name].value, "url": self.base}]
        )
        return self.go(path) if path else self.page

    def login(self, username: str, password: str = PASSWORD) -> Page:
        """Log in as people do; he stands on the first page of his role."""
        self.go("/login/")
        self.page.fill("input[name=username]", username)
        self.page.fill("input[name=password]", password)
        self.page.click("main button.btn-primary")
        self.page.wait_for_url(lambda url: "/login/" not in url)
        return self.page

    def check_accessible(self) -> None:
        """axe finds nothing on the page as it stands now (ux.md, head: WCAG 2.2 AA)."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate("async () => (await axe.run()).violations")
        told = [f"{v['id']}: {[n['html'][:160] for n in v['nodes'][:3]]}" for v in found]
        assert not told, f"{self.page.url}: {told}"


def settle(page: Page) -> None:
    """Until the page has come and its scripts have begun; a live stream never falls idle."""
    page.wait_for_load_state("load")
    page.wait_for_timeout(SETTLE_MS)
    page.wait_for_selector("body:not([data-gc-busy])", state="attached")


@pytest.fixture
def person(
    chromium: Browser, live_server: Any, shared_district: TestDistrict
) -> Iterator[Callable[..., Person]]:
    """`person(PHONE, at=(lon, lat))`: a fresh browser of that size, with a position if given."""
    people: list[Person] = []

    def open_browser(size: dict[str, int] = DESK, at: tuple[float, float] | None = None) -> Person:
        more: dict[str, Any] = {}
        if at is not None:
            place = {"longitude": at[0], "latitude": at[1], "accuracy": 8}
            more = {"geolocation": place, "permissions": ["geolocation"]}
        context = chromium.new_context(
            viewport=size,
            reduced_motion="reduce",  # a place taken while the page still glides is no place
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            has_touch=size == PHONE,
            **more,
        )
        people.append(Person(context, live_server.url))
        return people[-1]

    yield open_browser
    faults = [fault for one in people for fault in one.faults]
    for one in people:
        one.context.close()
    assert not faults, faults
