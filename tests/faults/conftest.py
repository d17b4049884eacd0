"""One site for all tests that break something; each leaves it whole again."""

import pytest

from tests.faults.site import running_site


@pytest.fixture(scope="package")
def whole_site(tmp_path_factory):
    with running_site(tmp_path_factory.mktemp("faults")) as site:
        yield site


@pytest.fixture
def site(whole_site):
    """The site, ready; what a test stopped and did not start again is started after it."""
    yield whole_site
    for child in whole_site.children.values():
        if child.has_ended():
            child.start()
    whole_site.wait_until_ready()
