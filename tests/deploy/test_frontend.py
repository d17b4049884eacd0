"""The vendored front-end files, as the build left them."""

import base64
import hashlib
import json
import re

import pytest

from deploy.state import ROOT

PACKAGES = json.loads((ROOT / "frontend/package.json").read_text())
LOCK = json.loads((ROOT / "frontend/package-lock.json").read_text())
VENDOR = ROOT / "static/vendor"


@pytest.fixture(scope="module")
def manifest():
    return json.loads((VENDOR / "manifest.json").read_text())


def test_versions_are_pinned_and_locked_with_their_hash():
    pinned = PACKAGES["dependencies"] | PACKAGES["devDependencies"]
    for name, version in pinned.items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), name
        assert LOCK["packages"][f"node_modules/{name}"]["version"] == version, name
    for path, package in LOCK["packages"].items():
        assert not path or package["integrity"].startswith("sha512-"), path
        assert "resolved" not in package, "the registry is the machine's own business"


def test_every_file_is_in_the_manifest_with_its_hash(manifest):
    files = {str(path.relative_to(VENDOR)) for path in VENDOR.rglob("*") if path.is_file()}
    assert files - {"manifest.json", ".made-from"} == set(manifest)
    for name, about in manifest.items():
        digest = hashlib.sha384((VENDOR / name).read_bytes()).digest()
        assert about["sha384"] == "sha384-" + base64.b64encode(digest).decode(), name
        for package in about.get("bundles", [about]):
            assert package["version"], name
            assert package["licence"] in {
                "MIT",
                "BSD-2-Clause",
                "BSD-3-Clause",
                "Apache-2.0",
                "ISC",
            }


def test_what_the_pages_load_is_there(manifest):
    assert {
        "bootstrap/css/bootstrap.min.css",
        "bootstrap/js/bootstrap.bundle.min.js",
        "bootstrap-icons/bootstrap-icons.svg",
        "leaflet/leaflet.js",
        "leaflet/leaflet.css",
        "echarts/echarts.common.min.js",
        "mvt/mvt.mjs",
        "pmtiles/pmtiles.mjs",
        "idb/idb.mjs",
    } <= set(manifest)


def test_no_file_makes_a_browser_ask_another_host(manifest):
    for name in manifest:
        if name.endswith((".js", ".mjs", ".css")):
            text = (VENDOR / name).read_text()
            assert not re.search(r"url\(\s*['\"]?(https?:)?//", text), name
            assert "sourceMappingURL=" not in text, name


def test_every_package_brings_its_licence(manifest):
    licences = {name for name in manifest if name.startswith("licences/")}
    for about in manifest.values():
        for package in about.get("bundles", [about]):
            flat = package["package"].lstrip("@").replace("/", "-")
            assert f"licences/{flat}-LICENSE.txt" in licences


def test_the_accessibility_checker_is_there_for_the_tests():
    assert (ROOT / "frontend/node_modules/axe-core/axe.min.js").stat().st_size > 100_000
    assert not list(VENDOR.rglob("axe*"))
