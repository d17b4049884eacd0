"""Clients of tests: a browser that refuses inline code, and one of the API."""

from __future__ import annotations

import json
import uuid
from html.parser import HTMLParser
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponseBase
from django.test import Client, TestCase

from gridcity.authentication import issue_token
from gridcity.models import User

DATA_BLOCKS = {"application/json", "application/ld+json", "importmap"}
LINKS = ("src", "href", "action", "data", "poster", "hx-get", "hx-post")


class InlineCode(AssertionError):
    """A page carried what its content security policy forbids, or named another host."""


class Inspector(HTMLParser):
    """Finds inline scripts, styles and handlers, and links to other hosts (house style §13)."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if "nonce" not in values:
            self.look_for_inline_blocks(tag, values)
        for name, value in values.items():
            if name.startswith(("on", "hx-on")) or name == "style":
                self.faults.append(f"<{tag} {name}={value!r}>")
            if name in LINKS and value.lstrip().lower().startswith(
                ("http:", "https:", "//", "javascript:", "vbscript:")
            ):
                self.faults.append(f"<{tag} {name}={value!r}> leads away")

    def look_for_inline_blocks(self, tag: str, values: dict[str, str]) -> None:
        is_data = values.get("type", "") in DATA_BLOCKS
        if tag == "style" or (tag == "script" and "src" not in values and not is_data):
            self.faults.append(f"inline <{tag}>")

    handle_startendtag = handle_starttag


def inspect(html: str) -> list[str]:
    """The faults of a page or of a fragment of one."""
    inspector = Inspector()
    inspector.feed(html)
    return inspector.faults


class CommittingClient(Client):
    """Runs what a request leaves for after the commit, as the real request would."""

    def request(self, **request: Any) -> Any:
        with TestCase.captureOnCommitCallbacks(execute=True):
            return super().request(**request)


class PageClient(CommittingClient):
    """Fails on a page with inline code. The administration is Django's own and is left out."""

    def request(self, **request: Any) -> Any:
        response = super().request(**request)
        path = request.get("PATH_INFO", "")
        if is_html(response) and not path.startswith("/admin/"):
            faults = inspect(response.content.decode())
            if faults:
                raise InlineCode(f"{path}: {'; '.join(faults)}")
        return response

    def enter(self, user: User) -> PageClient:
        """Log in without asking for the password."""
        self.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return self


def is_html(response: HttpResponseBase) -> bool:
    return not response.streaming and response.get("Content-Type", "").startswith("text/html")


class ApiClient:
    """Speaks JSON or multipart with a token; every answer's body is at `.body`."""

    def __init__(self, token: str = "") -> None:
        self.client = CommittingClient()
        self.token = token

    def of(self, user: User) -> ApiClient:
        """A client with a new token of this user."""
        return ApiClient(issue_token(user))

    def get(self, path: str, query: dict[str, Any] | None = None) -> Any:
        return self._answer(self.client.get(path, query or {}, headers=self._headers()))

    def post(
        self,
        path: str,
        data: Any = None,
        *,
        key: uuid.UUID | str | None = None,
        photos: tuple[SimpleUploadedFile, ...] = (),
        prefer: str = "",
        **fields: Any,
    ) -> Any:
        """POST JSON, or multipart when there are photos."""
        headers = self._headers()
        if key is not None:
            headers["Idempotency-Key"] = str(key)
        if prefer:
            headers["Prefer"] = prefer
        body = {**(data or {}), **fields} if data is None or isinstance(data, dict) else data
        if photos:
            body = {name: value for name, value in body.items() if value is not None}
            sent = self.client.post(path, {**body, "photos": list(photos)}, headers=headers)
        else:
            sent = self.client.post(
                path, json.dumps(body), content_type="application/json", headers=headers
            )
        return self._answer(sent)

    def delete(self, path: str) -> Any:
        return self._answer(self.client.delete(path, headers=self._headers()))

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Token {self.token}"} if self.token else {}

    def _answer(self, response: Any) -> Any:
        is_json = response.get("Content-Type", "").startswith("application/json")
        response.body = json.loads(response.content) if is_json and response.content else None
        return response
