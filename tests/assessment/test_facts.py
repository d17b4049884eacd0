"""Facts are what the events tell, whichever way they are made, and the same for ever."""

from __future__ import annotations

import pytest
from django.db.models import F, Q

from assessment.models import CaseFact, StaleCase, StayFact, TaskFact, TurnFact
from assessment.services.facts import MODELS, rebuild_facts, refresh_facts
from assessment.services.facts_check import check_facts
from cases.models import Case
from parts.services.copying import columns_of
from tests.assessment.alike import check_facts_of_now

pytestmark = pytest.mark.django_db


def stored():
    return {
        name: sorted(map(str, model.objects.values_list(*columns_of(model))))
        for name, model in MODELS.items()
    }


def test_a_rebuild_ends_in_the_same_rows_as_the_steps(world):
    while refresh_facts(limit=3):
        pass
    assert not StaleCase.objects.exists()
    step_by_step = stored()
    assert rebuild_facts() == Case.objects.count()
    assert stored() == step_by_step
    found = check_facts()
    assert found.wrong == {}
    assert found.rows == sum(map(len, step_by_step.values())) > 100


def test_the_check_names_what_differs(world):
    rebuild_facts()
    StaleCase.objects.all().delete()
    fact = CaseFact.objects.filter(finished_at__isnull=False).first()
    CaseFact.objects.filter(pk=fact.pk).update(filed_in_time=not fact.filed_in_time)
    TurnFact.objects.filter(case_id=fact.case_id).delete()
    assert check_facts().wrong == {"cases": [fact.case_id], "turns": [fact.case_id]}


def test_at_most_one_version_holds_for_any_cut_and_as_of(world):
    rebuild_facts()
    for model in MODELS.values():
        pairs = model.objects.values_list("case_id", "key", "valid_from", "valid_to",
                                          "known_from", "known_to")  # fmt: skip
        by_fact = {}
        for case_id, key, *times in pairs:
            by_fact.setdefault((case_id, key), []).append(times)
        for versions in by_fact.values():
            for place, one in enumerate(versions):
                for other in versions[place + 1 :]:
                    lives = one[0] < other[1] and other[0] < one[1]
                    knows = one[2] < other[3] and other[2] < one[3]
                    assert not (lives and knows)


def test_facts_of_now_say_what_the_rows_of_the_case_say(world):
    rebuild_facts()
    check_facts_of_now()


def test_versions_are_needed_until_no_later_period_can_count_them(world):
    rebuild_facts()
    for model in (CaseFact, TurnFact, StayFact, TaskFact):
        wrong = model.objects.filter(
            Q(needed_until__gt=F("valid_to")) | Q(needed_until__gt=F("known_to"))
            | Q(needed_until__gt=F("ended_at"))
        )  # fmt: skip
        assert not wrong.exists()
