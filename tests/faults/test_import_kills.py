"""A worker is killed at any line of long work on the register: it is as before, or as after."""

import signal

import pytest

pytestmark = pytest.mark.fault


def test_an_import_whose_worker_is_killed_at_any_line_happens_once_or_not_at_all(site):
    site.stop("jobs")  # here every process that works is one of the test's own
    said = site.inside("kill_imports", 8)
    rows = said["rows"]
    killed = [line for line in said["told"] if line[1]]
    assert len(killed) >= 20
    assert {line[1] for line in killed} == {signal.SIGKILL}
    for is_dry, _signal, count, told, state in said["told"]:
        if is_dry or state in ("queued", "running"):
            assert (count, told) == (0, None)
        else:
            assert (count, told, state) == (rows, rows, "done")
    assert said["told"][-1] == [False, 0, rows, rows, "done"]
    assert said["twice"] == []


def test_a_census_whose_opening_is_killed_at_any_line_is_open_or_not_begun(site):
    site.stop("jobs")
    said = site.inside("kill_openings", 24)
    killed = [line for line in said["told"] if line[0]]
    assert len(killed) >= 20
    assert {line[0] for line in killed} == {signal.SIGKILL}
    for _signal, job, census, cells, parts in said["told"]:
        if job in ("queued", "running"):
            assert [census, cells, parts] == ["opening", 0, 0]
        else:
            assert [job, census, cells, parts] == ["done", *said["whole"]]
    assert said["told"][-1][1] == "done"
