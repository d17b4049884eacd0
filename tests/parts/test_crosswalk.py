"""The crosswalk between coding schemes: proposed by name, decided by a person, read by all."""

from __future__ import annotations

import csv
import threading
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from gridcity.contracts import CLOCK, Forbidden, Invalid, NotAllowed, NotVisible
from parts.models import CatalogueClass, CrosswalkPair
from parts.names import Basis, likeness, most_alike, same_name, spelled
from parts.selectors.crosswalk import (
    PairFilter,
    list_pairs,
    read_as,
    reading_of,
    same_matter,
    standing,
    without_pair,
)
from parts.selectors.kept import forget
from parts.services.crosswalk import decide_pairs, keep_answer, name_pair, propose_pairs
from tests.district import CURRENT, LATER, at, catalogue_class

SHIPPED = Path(settings.BASE_DIR, "fixtures", "catalogue.csv")
names = st.text("上水井盖供路灯（）椅座坐、 其它他", min_size=1, max_size=8)


def later(kind, code, name, family="other"):
    entry = catalogue_class(LATER, kind, code, name, family, {})
    entry.save()
    forget()
    return entry


@pytest.fixture
def admin(district):
    return district.actor("administrator")


@pytest.fixture
def proposed(district, admin):
    """Cover, toilet, rubbish and street order of the later scheme, with what is proposed."""
    found = {
        "cover": later("part", "01001", "供水井盖", "manhole"),
        "toilet": later("part", "03001", "公共厕所", "toilet_waste"),
        "advert": later("event", "07001", "非法小广告", "adverts"),
        "stall": later("event", "09001", "无照经营", "trade"),
    }
    propose_pairs(actor=admin, at=at(), source=CURRENT, target=LATER)
    return found


def pair_of(one, other):
    return CrosswalkPair.objects.get(from_class=one, to_class=other)


# ---------------------------------------------------------------- names


@given(names, names)
def test_likeness_does_not_depend_on_which_name_comes_first(one, other):
    assert likeness(one, other) == likeness(other, one)


@given(names)
def test_a_name_is_itself_and_is_spelled_once(name):
    assert likeness(name, name) == (Basis.EXACT, 1.0)
    assert spelled(spelled(name)) == spelled(name)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("街头坐椅", "街头座椅"), ("垃圾箱（果皮箱、桶）", "垃圾箱"), ("通讯井盖", "通信井盖"),
        ("道路积雪结冰", "道路积雪、结冰"), ("上水井盖", "供水井盖"), ("雨水箅子", "雨水篦子"),
        ("其它市容环境问题", "其他市容环境问题"), ("ＡＴＭ", "atm"),
    ],
)  # fmt: skip
def test_spellings_of_one_name_are_the_same_name(one, other):
    assert likeness(one, other)[0] == Basis.SPELLING
    assert same_name(one, other)


@pytest.mark.parametrize(
    ("one", "other"), [("路灯", "化粪池井盖"), ("绿地脏乱", "施工占道"), ("雕塑", "喷泉")]
)
def test_other_names_are_no_proposal(one, other):
    assert likeness(one, other) is None


def test_near_names_are_proposed_only_where_none_is_the_same():
    others = [(1, "通信立杆"), (2, "立杆"), (3, "电力立杆")]
    assert [found.key for found in most_alike("立杆", others)] == [2]
    near = most_alike("公交立杆", others)
    assert {found.basis for found in near} == {Basis.NEAR}
    assert near == sorted(near, key=lambda one: -one.score)


def test_the_shipped_schemes_have_93_names_in_common():
    with SHIPPED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    schemes = {
        key: [(row["kind"], row["minor_name"]) for row in rows if row["scheme"] == key]
        for key in (CURRENT, LATER)
    }
    bases = []
    for kind, name in schemes[CURRENT]:
        others = [(n, other) for n, (of, other) in enumerate(schemes[LATER]) if of == kind]
        found = most_alike(name, others)
        bases.append(found[0].basis if found else None)
    assert bases.count(Basis.EXACT) == 93
    assert bases.count(Basis.SPELLING) >= 7


# ---------------------------------------------------------------- proposing and deciding


def test_the_assistant_proposes_by_name_and_never_by_code(district, admin):
    cover = district.classes["cover"]
    trap = later("part", "0101", "路灯井盖")
    named = later("part", "01077", "上水井盖")
    found = propose_pairs(actor=admin, at=at(), source=CURRENT, target=LATER)
    assert pair_of(cover, named).basis == "exact"
    assert not CrosswalkPair.objects.filter(from_class=cover, to_class=trap).exists()
    assert found.traps == 1


def test_asking_again_proposes_nothing_twice_and_brings_no_refused_pair_back(
    district, admin, proposed
):
    pair = pair_of(district.classes["stall"], proposed["stall"])
    decide_pairs(actor=admin, at=at(), ids=[pair.pk], confirm=False)
    before = CrosswalkPair.objects.count()
    again = propose_pairs(actor=admin, at=at(), source=CURRENT, target=LATER)
    assert (again.pairs, CrosswalkPair.objects.count()) == (0, before)
    pair.refresh_from_db()
    assert pair.state == "refused"


def test_a_part_is_never_proposed_for_an_event(district, admin):
    later("event", "06077", "公共厕所")
    propose_pairs(actor=admin, at=at(), source=CURRENT, target=LATER)
    assert not CrosswalkPair.objects.filter(from_class=district.classes["toilet"]).exists()


def test_a_proposal_reads_nothing_until_a_person_has_confirmed_it(district, admin, proposed):
    cover = district.classes["cover"]
    forget()
    assert read_as(cover.pk, LATER) is None
    pair = pair_of(cover, proposed["cover"])
    decide_pairs(actor=admin, at=at(), ids=[pair.pk], confirm=True, reason="名称沿革")
    forget()
    assert read_as(cover.pk, LATER) == proposed["cover"]
    pair.refresh_from_db()
    assert (pair.decided_by_id, pair.decided_at, pair.reason) == (admin.user_id, at(), "名称沿革")


def test_the_system_confirms_nothing(district, proposed):
    pair = pair_of(district.classes["cover"], proposed["cover"])
    with pytest.raises(Forbidden):
        decide_pairs(actor=CLOCK, at=at(), ids=[pair.pk], confirm=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        CrosswalkPair.objects.filter(pk=pair.pk).update(state="confirmed")


@pytest.mark.parametrize("name", ["acceptor-1", "duty-chief-1", "official-1", "supervisor-1"])
def test_only_administrators_propose_and_decide(district, proposed, name):
    actor = district.actor(name)
    pair = pair_of(district.classes["cover"], proposed["cover"])
    with pytest.raises(Forbidden):
        decide_pairs(actor=actor, at=at(), ids=[pair.pk], confirm=True)
    with pytest.raises(Forbidden):
        propose_pairs(actor=actor, at=at(), source=CURRENT, target=LATER)


def test_a_class_is_read_as_one_class_of_a_scheme(district, admin, proposed):
    other = later("part", "01099", "中水井盖")
    cover = district.classes["cover"]
    name_pair(actor=admin, at=at(), from_id=cover.pk, to_id=other.pk)
    with pytest.raises(NotAllowed):
        decide_pairs(actor=admin, at=at(), ids=[pair_of(cover, proposed["cover"]).pk], confirm=True)
    pairs = [pair_of(cover, proposed["cover"]), pair_of(cover, other)]
    decide_pairs(actor=admin, at=at(), ids=[pairs[1].pk], confirm=False)
    with pytest.raises(NotAllowed):
        decide_pairs(actor=admin, at=at(), ids=[pair.pk for pair in pairs], confirm=True)
    assert not CrosswalkPair.objects.filter(state="confirmed").exists()


def test_many_pairs_are_confirmed_at_once_or_none(district, admin, proposed):
    ids = list(CrosswalkPair.objects.filter(basis="exact").values_list("pk", flat=True))
    assert len(ids) == 3
    with pytest.raises(NotVisible):
        decide_pairs(actor=admin, at=at(), ids=[*ids, 10**9], confirm=True)
    assert not CrosswalkPair.objects.filter(state="confirmed").exists()
    decide_pairs(actor=admin, at=at(), ids=ids, confirm=True)
    assert CrosswalkPair.objects.filter(state="confirmed").count() == 3


def test_the_same_name_is_refused_only_with_a_reason(district, admin, proposed):
    pair = pair_of(district.classes["toilet"], proposed["toilet"])
    with pytest.raises(Invalid) as refused:
        decide_pairs(actor=admin, at=at(), ids=[pair.pk], confirm=False)
    assert "reason" in refused.value.fields
    decide_pairs(actor=admin, at=at(), ids=[pair.pk], confirm=False, reason="口径不同")
    pair.refresh_from_db()
    assert (pair.state, pair.reason) == ("refused", "口径不同")


def test_a_changed_decision_keeps_the_earlier_one_in_its_history(district, admin, proposed):
    pair = pair_of(district.classes["toilet"], proposed["toilet"])
    decide_pairs(actor=admin, at=at(), ids=[pair.pk], confirm=True)
    decide_pairs(actor=admin, at=at(), ids=[pair.pk], confirm=False, reason="口径不同")
    history = apps.get_model("parts", "CrosswalkPairHistory").objects.filter(pgh_obj_id=pair.pk)
    assert list(history.order_by("pgh_id").values_list("state", flat=True)) == [
        "proposed", "confirmed",
    ]  # fmt: skip
    assert history.last().pgh_context.metadata["actor"] == admin.username


def test_a_person_names_a_pair_the_assistant_did_not_find(district, admin):
    entry = later("event", "06009", "垃圾乱象")
    rubbish = district.classes["rubbish"]
    pair = name_pair(actor=admin, at=at(), from_id=rubbish.pk, to_id=entry.pk, reason="会议决定")
    assert (pair.state, pair.basis) == ("confirmed", "person")
    forget()
    assert read_as(rubbish.pk, LATER) == entry


def test_a_part_is_not_read_as_an_event(district, admin):
    with pytest.raises(Invalid):
        name_pair(
            actor=admin, at=at(), from_id=district.classes["cover"].pk,
            to_id=district.classes["later"].pk,
        )  # fmt: skip


def test_a_scheme_has_no_crosswalk_to_itself(district, admin):
    for source, target in ((CURRENT, CURRENT), (CURRENT, "none"), ("none", LATER)):
        with pytest.raises(Invalid):
            propose_pairs(actor=admin, at=at(), source=source, target=target)


def test_no_pair_is_deleted(district, proposed):
    with pytest.raises(DatabaseError), transaction.atomic():
        CrosswalkPair.objects.all().delete()


def test_an_acceptors_answer_becomes_a_proposal(district):
    entry = later("event", "06009", "垃圾乱象")
    said = {
        "at": at(), "from_id": district.classes["rubbish"].pk, "to_id": entry.pk,
        "case_number": "11010120260000001",
    }  # fmt: skip
    pair = keep_answer(actor=district.actor("acceptor-1"), **said)
    assert (pair.state, pair.basis, pair.reason) == ("proposed", "answer", "11010120260000001")
    assert keep_answer(actor=district.actor("acceptor-1"), **said) is None
    with pytest.raises(Forbidden):
        keep_answer(actor=district.actor("supervisor-1"), **said)


@pytest.mark.django_db(transaction=True)
def test_two_administrators_confirm_one_class_at_once_and_one_is_told(shared, admin_of):
    first, second = shared
    outcomes: list[str] = []
    gate = threading.Barrier(2)

    def confirm(pair):
        gate.wait()
        try:
            decide_pairs(actor=admin_of, at=at(), ids=[pair.pk], confirm=True)
            outcomes.append("confirmed")
        except NotAllowed:
            outcomes.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=confirm, args=[pair]) for pair in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["confirmed", "told"]
    assert CrosswalkPair.objects.filter(state="confirmed").count() == 1


@pytest.fixture
def shared(shared_district):
    cover = shared_district.classes["cover"]
    others = [later("part", "01001", "上水井盖"), later("part", "01002", "上水 井盖")]
    made = [
        CrosswalkPair.objects.create(
            from_class=cover, to_class=other, to_scheme_id=LATER, basis="near", score="0.8",
            proposed_at=at(),
        )
        for other in others
    ]  # fmt: skip
    shared_admin.append(shared_district.actor("administrator"))
    return made


shared_admin: list = []


@pytest.fixture
def admin_of(shared):
    return shared_admin.pop()


# ---------------------------------------------------------------- reading


def test_a_confirmed_pair_is_read_back_where_it_is_the_only_one():
    reading = reading_of([(1, 10, "A", "B"), (2, 11, "A", "B"), (3, 11, "A", "B")])
    assert reading == {(1, "B"): 10, (2, "B"): 11, (3, "B"): 11, (10, "A"): 1}


def test_what_was_confirmed_for_the_other_way_goes_before_reading_back():
    reading = reading_of([(1, 10, "A", "B"), (10, 2, "B", "A")])
    assert reading[10, "A"] == 2


def test_reading_costs_no_query_while_it_is_kept(
    district, admin, proposed, django_assert_num_queries
):
    pair = pair_of(district.classes["cover"], proposed["cover"])
    decide_pairs(actor=admin, at=at(), ids=[pair.pk], confirm=True)
    forget()
    read_as(pair.from_class_id, LATER)
    with django_assert_num_queries(0):
        assert read_as(pair.from_class_id, LATER).pk == pair.to_class_id
        assert read_as(pair.to_class_id, LATER).pk == pair.to_class_id
        assert set(same_matter(pair.from_class_id)) == {pair.from_class_id, pair.to_class_id}


def test_the_list_names_the_class_of_the_same_code_as_a_trap(district, admin, proposed):
    trap = later("part", "0101", "路灯井盖")
    lines, total = list_pairs(PairFilter(CURRENT, LATER, kind="part"))
    found = {line.pair.from_class.code: line.trap for line in lines}
    assert total == len(lines)
    assert found["0101"] == trap
    assert found["0301"] is None


def test_a_settled_class_leaves_the_list_of_what_is_to_be_decided(district, admin, proposed):
    cover = district.classes["cover"]
    other = later("part", "01099", "上水 井盖")
    propose_pairs(actor=admin, at=at(), source=CURRENT, target=LATER)
    before = standing(CURRENT, LATER)
    decide_pairs(actor=admin, at=at(), ids=[pair_of(cover, proposed["cover"]).pk], confirm=True)
    open_ones, _total = list_pairs(PairFilter(CURRENT, LATER))
    assert cover.pk not in {line.pair.from_class_id for line in open_ones}
    after = standing(CURRENT, LATER)
    assert (after.confirmed, after.proposed) == (before.confirmed + 1, before.proposed - 1)
    assert CatalogueClass.objects.filter(pk=other.pk).exists()


def test_classes_without_a_pair_are_listed_for_a_person(district, admin, proposed):
    bare = {row.code for row in without_pair(CURRENT, LATER, kind="event")}
    assert "0204" in bare
    assert "0201" not in bare
