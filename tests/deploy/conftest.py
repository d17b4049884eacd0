"""A site of its own for each test, with its servers' files removed at the end."""

import pytest

from deploy import services
from deploy.state import ROOT, Site, State


@pytest.fixture
def site(tmp_path):
    return Site(root=ROOT, state=tmp_path / "state", port=18080)


@pytest.fixture
def state(site):
    opened = State.open(site)
    yield opened
    services.remove(opened)
