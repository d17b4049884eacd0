"""Schemes: what can score, two administrators, what held stays, who comments, who reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from assessment.models import Scheme, SchemeComment, SchemeStep
from assessment.scheme_rules import Known, faults_of
from assessment.scoring import Band, Grade, Judged, Part, Term, Variant, score, terms_for
from assessment.selectors.schemes import State, known_for, list_families, versions_of
from assessment.selectors.scores import WHOLES
from assessment.services import schemes as services
from assessment.services.schemes import Draft
from dispatch.models import Department
from gridcity.contracts import Forbidden, Invalid, NotAllowed, NotVisible, Role, StaleVersion
from tests.district import USER_OF_ROLE, at

pytestmark = pytest.mark.django_db

NOW = at("11:00")
JULY_1 = date(2026, 7, 1)
TERMS = [
    {"key": "in_time", "name": "按期处置率", "weight": 60, "parts": [["handled_in_time", 100]]},
    {"key": "rework", "name": "返工率", "weight": 40, "parts": [["rework", 100]], "is_good": False},
]  # fmt: skip


def said(terms=TERMS, day=JULY_1, **more):
    return Draft(name="部门评价", valid_from=day, terms=terms, grades=services.GRADES, **more)


@pytest.fixture
def first(district):
    return district.actor("administrator")


@pytest.fixture
def second(district):
    return district.actor("administrator-2")


@pytest.fixture
def draft(first):
    """The second version of the departments' scheme, as a draft."""
    held = Scheme.objects.get(key="department")
    made = services.copy_version(actor=first, at=NOW, scheme_id=held.pk, valid_from=JULY_1)
    return services.save_draft(
        actor=first, at=NOW, scheme_id=made.pk, revision=made.revision, said=said()
    )


def propose(actor, draft, now=NOW):
    draft.refresh_from_db()
    return services.propose_scheme(
        actor=actor, at=now, scheme_id=draft.pk, revision=draft.revision, words="新办法"
    )


def consent(actor, draft, now=NOW, revision=None):
    draft.refresh_from_db()
    return services.consent_to_scheme(
        actor=actor, at=now, scheme_id=draft.pk,
        revision=draft.revision if revision is None else revision,
    )  # fmt: skip


# ---------------------------------------------------------------- what can score

KNOWN = Known(
    WHOLES, better={"rework": -1, "closed_share": 1}, labels={"rework": "返工率"}, groups={"环卫"}
)
ALL = Term("a", "甲", 100, (Part("closed_share"),))


def words(terms, grades=None):
    return [str(fault.words) for fault in faults_of(terms, KNOWN, grades)]


def count_term(*bands):
    return (Term("a", "立案数", 100, (Part("filed"),), bands=tuple(Band(*band) for band in bands)),)


@pytest.mark.parametrize(
    ("terms", "named"),
    [
        ((Term("a", "甲", 90, (Part("closed_share"),)),), "90"),
        ((Term("a", "甲", 100, (Part("nothing"),)),), "nothing"),
        ((Term("a", "甲", 100, (Part("rework"),)),), "返工率"),
        (count_term((0, 50, 100), (60, None, 0)), "51"),
        (count_term((0, 50, 100), (40, None, 0)), "40"),
        (count_term((0, 50, 100), (51, 99, 0)), "99"),
        (count_term((3, None, 100)), "2"),
        (count_term((0, 50, 100), (52, None, 0)), "51"),
        (count_term((9, 3, 100)), "9"),
    ],
)
def test_a_fault_is_told_in_words_that_name_what_is_wrong(terms, named):
    assert any(named in line for line in words(terms)), words(terms)


def test_a_scheme_without_faults_has_none_and_grades_are_judged_with_it():
    good = (Grade("A", 60, "好"), Grade("B", 0, "差"))
    assert words((ALL,), good) == []
    for grades in (
        (Grade("A", 60, "好"),),
        (*good, Grade("C", 60, "中")),
        (*good, Grade("A", 5, "x")),
    ):
        assert len(words((ALL,), grades)) == 1


def test_a_group_has_weights_and_bands_of_its_own_that_must_score_too():
    own = Variant(weight=40, bands=(Band(0, None, 50),))
    bands = (Band(0, None, 100),)
    terms = (
        Term("a", "甲", 30, (Part("filed"),), bands=bands, groups={"环卫": own}),
        Term("b", "乙", 70, (Part("closed_share"),)),
    )
    assert "110" in words(terms)[0]
    assert "环卫" in words(terms)[0]
    judged = Judged({"need_close": 10, "closed_share": 10, "filed": 1}, [{"filed": 1}])
    assert score(terms_for(terms, ""), WHOLES, judged).total == 100
    total = score(terms_for(terms, "环卫"), WHOLES, judged).total
    assert total == Fraction(50 * 40 + 100 * 70, 110)


COUNTED = Term("n", "派遣数", 50, (Part("dispatches"),), bands=(Band(0, None, 100),))
RATED = Term("r", "按期处置率", 50, (Part("handled_in_time"),))
NO_BANDS = (Band(0, None, 100),)


def in_group(term, **own):
    return replace(term, groups={"环卫": Variant(**own)})


@pytest.mark.parametrize(
    ("first", "second", "fault"),
    [
        # A rate with bands gave everybody of the group 100, whatever was done in time.
        (COUNTED, in_group(RATED, bands=NO_BANDS), ("r", "rate")),
        (COUNTED, replace(RATED, groups={"园林": Variant(weight=50)}), ("r", "group")),
        (in_group(COUNTED, weight=150), in_group(RATED, weight=-50), ("r", "weight")),
        (in_group(COUNTED, weight=150), in_group(RATED, weight=-50), ("n", "weight")),
        (in_group(COUNTED, least_sample=-1), RATED, ("n", "sample")),
        (in_group(COUNTED, bands=(Band(0, 5, 100),)), RATED, ("n", "bands")),
        (COUNTED, replace(RATED, parts=(Part("handled_in_time"),) * 2), ("r", "twice")),
        (COUNTED, replace(RATED, parts=(*RATED.parts, Part("rework"))), ("r", "direction")),
        (COUNTED, replace(RATED, parts=(Part("suspended"), Part("extended"))), ("r", "direction")),
        (COUNTED, replace(RATED, parts=(*RATED.parts, Part("handled_late"))), ("r", "direction")),
        (COUNTED, replace(RATED, is_good=False), ("r", "direction")),
    ],
)
def test_every_group_and_every_figure_of_a_term_keeps_all_rules(district, first, second, fault):
    known = replace(known_for("department"), groups={"环卫"})
    assert faults_of((COUNTED, RATED), known) == []
    found = [(one.term, one.kind) for one in faults_of((first, second), known)]
    assert fault in found


def test_what_came_late_may_earn_a_part_beside_what_came_in_time(district):
    late = (Part("handled_in_time"), Part("handled_late", 40))
    assert faults_of((COUNTED, replace(RATED, parts=late)), known_for("department")) == []


def test_a_term_may_weigh_nothing_in_a_group_and_what_is_wrong_everywhere_is_told_once(district):
    known = replace(known_for("department"), groups={"环卫"})
    assert faults_of((in_group(COUNTED, weight=0), in_group(RATED, weight=100)), known) == []
    wrong = in_group(replace(RATED, is_good=False), least_sample=3)
    assert [one.kind for one in faults_of((COUNTED, wrong), known)] == ["direction"]


def test_groups_are_those_of_departments_and_the_classes_of_cells(district):
    assert set(known_for("cell").groups) == {"1", "2"}
    assert not known_for("street").groups
    Department.objects.update(assessment_group="环卫")
    assert set(known_for("department").groups) == {"环卫"}


def test_a_figure_that_is_not_counted_for_departments_is_unknown_to_their_scheme(district):
    known = known_for("department")
    assert "filed" not in known.wholes
    assert "handled_in_time" in known.wholes
    kinds = [one.kind for one in faults_of((Term("a", "甲", 100, (Part("filed"),)),), known)]
    assert kinds == ["unknown"]


# ---------------------------------------------------------------- two administrators


def test_a_version_holds_from_its_date_by_two_and_then_stays(first, second, draft):
    proposed = propose(first, draft)
    with pytest.raises(Forbidden):
        consent(first, proposed)
    done = consent(second, proposed)
    assert (done.is_active, done.consented_by_id) == (True, second.user_id)
    held = Scheme.objects.get(key="department", version=1)
    for day, state in ((date(2026, 6, 30), State.TO_COME), (JULY_1, State.HOLDS)):
        listed = versions_of(Scheme.objects.filter(key="department"), day)
        assert [one.scheme.version for one in listed] == [2, 1]
        assert listed[0].state == state
    assert listed[1].state == State.PAST
    for act in (
        lambda: services.save_draft(actor=first, at=NOW, scheme_id=done.pk,
                                    revision=done.revision, said=said()),
        lambda: services.discard_draft(actor=first, at=NOW, scheme_id=held.pk),
        lambda: consent(second, done),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            act()
    acts = SchemeStep.objects.filter(scheme=done).values_list("act", flat=True)
    assert list(acts) == ["made", "changed", "proposed", "consented"]


def test_while_it_is_proposed_it_stands_still_and_a_refusal_says_why(first, second, draft):
    proposed = propose(first, draft)
    with pytest.raises(NotAllowed):
        services.save_draft(actor=first, at=NOW, scheme_id=draft.pk,
                            revision=proposed.revision, said=said())  # fmt: skip
    with pytest.raises(Invalid):
        services.refuse_scheme(actor=second, at=NOW, scheme_id=draft.pk, words=" ")
    with pytest.raises(Forbidden):
        services.refuse_scheme(actor=first, at=NOW, scheme_id=draft.pk, words="不妥")
    with pytest.raises(Forbidden):
        services.take_back_proposal(actor=second, at=NOW, scheme_id=draft.pk)
    services.refuse_scheme(actor=second, at=NOW, scheme_id=draft.pk, words="权重不妥")
    again = propose(first, draft)
    services.take_back_proposal(actor=first, at=NOW, scheme_id=again.pk)
    assert SchemeStep.objects.get(act="refused").words == "权重不妥"


def test_nobody_consents_to_what_he_has_not_seen(first, second, draft):
    seen = propose(first, draft).revision
    services.take_back_proposal(actor=first, at=NOW, scheme_id=draft.pk)
    draft.refresh_from_db()
    services.save_draft(actor=first, at=NOW, scheme_id=draft.pk, revision=draft.revision,
                        said=said(day=date(2026, 8, 1)))  # fmt: skip
    propose(first, draft)
    with pytest.raises(StaleVersion):
        consent(second, draft, revision=seen)


def test_what_two_people_write_at_once_is_not_lost(first, second, draft):
    with pytest.raises(StaleVersion):
        services.save_draft(actor=second, at=NOW, scheme_id=draft.pk, revision=draft.revision - 1,
                            said=said())  # fmt: skip


def test_a_version_never_holds_from_a_day_that_has_begun(first, second, draft):
    draft.refresh_from_db()
    early = services.save_draft(actor=first, at=NOW, scheme_id=draft.pk, revision=draft.revision,
                                said=said(day=NOW.date()))  # fmt: skip
    with pytest.raises(NotAllowed):
        propose(first, early)
    later = services.save_draft(actor=first, at=NOW, scheme_id=draft.pk, revision=early.revision,
                                said=said())  # fmt: skip
    propose(first, later)
    with pytest.raises(NotAllowed):
        consent(second, later, now=at("09:00", on="2026-07-01"))


def test_what_cannot_score_is_saved_as_a_draft_and_never_proposed(first, draft):
    faulty = [{**TERMS[0], "weight": 50}, TERMS[1]]
    saved = services.save_draft(actor=first, at=NOW, scheme_id=draft.pk, revision=draft.revision,
                                said=said(faulty))  # fmt: skip
    with pytest.raises(Invalid) as refusal:
        propose(first, saved)
    assert "90" in str(refusal.value.fields["terms"][0])


def test_the_database_asks_for_two_and_keeps_what_they_agreed_on(first, second, draft):
    alone = {"proposed_by_id": first.user_id, "consented_by_id": first.user_id, "is_active": True}
    rows = Scheme.objects.filter(pk=draft.pk)
    for wrong in (alone, {"is_active": True}, {"consented_by_id": second.user_id},
                  {"is_shipped": True, "is_active": True}, {"month_from": 29}):  # fmt: skip
        with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
            rows.update(**wrong)
    propose(first, draft)
    other = {"is_active": True, "consented_by_id": second.user_id, "name": "别的"}
    for wrong in ({"terms": []}, {"valid_from": date(2026, 6, 1)}, other):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**wrong)
    consent(second, draft)
    step = SchemeStep.objects.filter(scheme=draft)
    for act in (lambda: rows.update(terms=[]), rows.delete, step.delete,
                lambda: step.update(words="别的")):  # fmt: skip
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


# ---------------------------------------------------------------- comments, and who reads


def test_an_open_draft_is_read_and_commented_on_and_other_drafts_are_not(first, draft, district):
    own, official = district.actor("department-s201"), district.actor("official-1")

    def remark(actor):
        return services.comment_on_scheme(actor=actor, at=NOW, scheme_id=draft.pk, words="分段过密")

    with pytest.raises(NotVisible):
        remark(own)
    services.set_open_to_comment(actor=first, at=NOW, scheme_id=draft.pk, is_open=True)
    assert remark(own).unit == "环卫中心"
    assert remark(official).unit == ""
    with pytest.raises(NotVisible):
        remark(district.actor("supervisor-1"))
    services.set_open_to_comment(actor=first, at=NOW, scheme_id=draft.pk, is_open=False)
    with pytest.raises(NotVisible):
        remark(own)
    with pytest.raises(DatabaseError), transaction.atomic():
        SchemeComment.objects.all().delete()


@pytest.mark.parametrize("role", USER_OF_ROLE)
def test_only_administrators_write_schemes(role, first, draft, district):
    actor = district.actor(USER_OF_ROLE[role])
    if role == Role.ADMINISTRATOR:
        return
    for act in (services.propose_scheme, services.consent_to_scheme):
        with pytest.raises(Forbidden):
            act(actor=actor, at=NOW, scheme_id=draft.pk, revision=draft.revision, words="x")
    with pytest.raises(Forbidden):
        services.copy_version(actor=actor, at=NOW, scheme_id=draft.pk, valid_from=JULY_1)
    seen = [one.scheme.pk for family in list_families(actor, JULY_1) for one in family.versions]
    assert draft.pk not in seen
    assert bool(seen) == (role != Role.CLIENT)
