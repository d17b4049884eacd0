"""Whatever random roles do in any order, the facts say what the rows of the case say."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from assessment.services.facts import rebuild_facts
from assessment.services.facts_check import check_facts
from tests.assessment.alike import check_facts_of_now
from tests.dispatch.test_state_machine import Desks
from tests.district import TestDistrict

pytestmark = pytest.mark.django_db


class Folded(Desks):
    """The machine of the law; when a run ends, its events are folded."""

    def teardown(self) -> None:
        try:
            rebuild_facts()
            check_facts_of_now()
            assert check_facts().wrong == {}
        finally:
            super().teardown()


def test_facts_follow_wherever_the_law_leads(district: TestDistrict) -> None:
    Folded.district = district
    run_state_machine_as_test(
        Folded,
        settings=settings(
            max_examples=5, stateful_step_count=25, deadline=None, derandomize=True,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
