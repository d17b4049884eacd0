"""The one form of what is hashed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.canonical import canonical, utc_text
from cases.clocks.calendar import SHANGHAI, instant_of
from cases.workflow import State

LEAST, MOST = -(2**63), 2**63 - 1
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(LEAST, MOST) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
    max_leaves=20,
)


@given(VALUES)
def test_it_says_everything_and_nothing_else(value):
    assert json.loads(canonical(value)) == value


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), VALUES))
def test_the_order_in_which_keys_were_set_does_not_matter(said):
    assert canonical(dict(reversed(said.items()))) == canonical(said)


def test_it_is_what_any_other_library_writes_so():
    """Whoever checks a chain elsewhere needs nothing of ours."""
    said = ["11010120260000007", 3, True, State.CLOSED, "已清理", {"b": [1, None], "a": 116.4074}]
    written = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert canonical(said) == written.encode()


@pytest.mark.parametrize("value", [object(), b"bytes", 2**64])
def test_what_json_does_not_know_is_refused(value):
    with pytest.raises(TypeError):
        canonical({"value": value})


@given(st.integers(0, 7 * 10**15))
def test_an_instant_is_told_in_utc_whatever_its_zone(microseconds):
    at = instant_of(microseconds)
    assert utc_text(at.astimezone(SHANGHAI)) == at.isoformat()
