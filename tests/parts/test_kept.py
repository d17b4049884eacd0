"""What a process keeps is read anew after a few seconds, and once where nothing changes."""

from __future__ import annotations

import pytest

from parts.selectors import kept
from parts.selectors.kept import Kept, nothing_changes, tick


@pytest.fixture
def seconds(monkeypatch):
    """The clock of the process; a list of one that tests set."""
    now = [1000.0]
    monkeypatch.setattr(kept, "KEPT_S", 5.0)
    monkeypatch.setattr(kept.time, "monotonic", lambda: now[0])
    return now


def loads():
    """Something kept that counts how often it was loaded."""
    found = []
    return Kept(lambda: found.append(1) or len(found))


def test_it_is_read_anew_in_the_next_few_seconds(seconds):
    value = loads()
    assert [value(), value()] == [1, 1]
    seconds[0] += 4.9
    assert value() == 1
    seconds[0] += 0.1
    assert value() == 2


def test_what_is_forgotten_is_read_anew_at_once(seconds):
    value = loads()
    value()
    value.forget()
    assert value() == 2


def test_where_nothing_changes_it_is_read_once(seconds):
    value = loads()
    with nothing_changes():
        assert value() == 1
        seconds[0] += 3600
        assert value() == 1
    assert value() == 2


def test_each_such_time_is_its_own_and_none_is_a_time_of_the_clock(seconds):
    with nothing_changes():
        first = tick()
    with nothing_changes():
        second = tick()
    assert len({first, second, tick()}) == 3
    assert max(first, second) < 0 < tick()


def test_a_failure_ends_such_a_time(seconds):
    with pytest.raises(ValueError, match="broken"), nothing_changes():
        raise ValueError("broken")
    assert tick() > 0
