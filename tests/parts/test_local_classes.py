"""Classes of a city's own: numbered by each scheme's rules, never twice the same code."""

from __future__ import annotations

import pytest
from django.apps import apps
from hypothesis import given
from hypothesis import strategies as st

from gridcity.contracts import Forbidden, Invalid, NotVisible
from parts.codes import CodeError, Pattern, local_name, minor_is_local, next_local_code
from parts.models import CatalogueClass, CodingScheme
from parts.selectors.kept import forget
from parts.services.classes import ClassInput, add_local_class, change_class
from tests.district import CURRENT, LATER, at, catalogue_class

OLD_RULES = [
    {"kind": "part", "major": "21", "name": "扩展部件", "first": 1, "last": 99, "counted": "up"},
    {"kind": "event", "major": "21", "name": "扩展事件", "first": 1, "last": 99, "counted": "up"},
    {"kind": "event", "major": None, "name": "其他", "first": 99, "last": 99, "counted": "up"},
    {"kind": "any", "major": None, "name": "本地", "first": 39, "last": 98, "counted": "down"},
]
NEW_RULES = [
    {
        "kind": "any", "major": None, "name": "自定义", "first": 80, "last": 999,
        "counted": "down", "suffix": "（自定义）",
    }
]  # fmt: skip
OLD, NEW = Pattern(), Pattern(class_minor=3)
EVENT = ClassInput("占用盲道", "street_order")
PART = ClassInput("休息椅", "sculpture_seat", "point", "A")


@pytest.fixture
def schemes(district):
    CodingScheme.objects.filter(key=CURRENT).update(extension_rules=OLD_RULES)
    CodingScheme.objects.filter(key=LATER).update(
        extension_rules=NEW_RULES, matters_have_codes=True
    )
    catalogue_class(LATER, "part", "01001", "供水井盖", "manhole", {}).save()
    forget()


@pytest.fixture
def add(district, schemes):
    def make(scheme, kind, major, said, actor="administrator"):
        return add_local_class(
            actor=district.actor(actor), at=at(), scheme=scheme, kind=kind, major=major, said=said
        )

    return make


# ---------------------------------------------------------------- the rules


@given(
    st.sampled_from([(OLD_RULES, OLD), (NEW_RULES, NEW)]),
    st.sampled_from(["part", "event"]),
    st.sampled_from(["01", "02", "06", "21"]),
    st.integers(1, 60),
)
def test_codes_given_in_a_row_are_local_and_never_the_same(rules, kind, major, number):
    taken: set[str] = set()
    for _n in range(number):
        local = next_local_code(*rules, kind, major, taken)
        assert local.code not in taken
        assert len(local.code) == rules[1].class_code
        assert minor_is_local(rules[0], kind, local.major, local.minor)
        taken.add(local.code)


def test_minors_are_counted_down_from_98_and_from_999():
    assert next_local_code(OLD_RULES, OLD, "event", "01", set()).code == "0198"
    assert next_local_code(OLD_RULES, OLD, "event", "01", {"0198", "0196"}).code == "0197"
    assert next_local_code(NEW_RULES, NEW, "event", "06", set()).code == "06999"
    assert next_local_code(NEW_RULES, NEW, "event", "06", {"06999"}).suffix == "（自定义）"


def test_the_major_class_21_counts_up():
    assert next_local_code(OLD_RULES, OLD, "part", "21", set()).code == "2101"
    assert next_local_code(OLD_RULES, OLD, "part", "21", {"2101", "2102"}).code == "2103"


def test_minor_99_stays_other_and_no_code_is_left_below_39():
    taken = {f"01{minor:02d}" for minor in range(39, 99)}
    with pytest.raises(CodeError):
        next_local_code(OLD_RULES, OLD, "event", "01", taken)


def test_a_scheme_without_rules_gives_no_code():
    with pytest.raises(CodeError):
        next_local_code([], OLD, "part", "01", set())


@given(st.text(min_size=1, max_size=20))
def test_the_ending_is_added_once(name):
    once = local_name(name, "（自定义）")
    assert once.endswith("（自定义）")
    assert local_name(once, "（自定义）") == once


# ---------------------------------------------------------------- the service


def test_a_local_event_has_code_ending_pinyin_and_initials(add):
    entry = add(CURRENT, "event", "01", EVENT)
    assert (entry.code, entry.name, entry.is_local) == ("0198", "占用盲道", True)
    assert (entry.pinyin, entry.initials) == ("zhanyongmangdao", "zymd")
    assert entry.major_name == "市容环境"


def test_under_the_later_scheme_the_name_ends_in_custom(add):
    catalogue_class(LATER, "event", "06001", "私搭乱建", "illegal_building", {}).save()
    entry = add(LATER, "event", "06", EVENT)
    assert (entry.code, entry.name) == ("06999", "占用盲道（自定义）")


def test_a_local_part_brings_its_matter_under_the_same_code(add):
    part = add(LATER, "part", "01", PART)
    matter = CatalogueClass.objects.get(scheme=LATER, kind="event", code=part.code)
    assert (part.code, part.name) == ("01999", "休息椅（自定义）")
    assert (matter.name, matter.geometry, matter.is_local) == ("休息椅异常（自定义）", "", True)


def test_where_every_matter_is_that_of_a_part_no_event_is_added(add):
    with pytest.raises(Invalid) as refused:
        add(LATER, "event", "01", EVENT)
    assert "major" in refused.value.fields


def test_the_major_class_21_comes_with_its_rule(add):
    entry = add(CURRENT, "part", "21", PART)
    assert (entry.code, entry.major_name) == ("2101", "扩展部件")


def test_a_retired_code_is_not_given_again(add, district):
    first = add(CURRENT, "event", "01", EVENT)
    change_class(
        actor=district.actor("administrator"), at=at(), class_id=first.pk, reason="不再使用",
        said=ClassInput(first.name, first.family, is_active=False),
    )  # fmt: skip
    assert add(CURRENT, "event", "01", ClassInput("另一问题", "other")).code == "0197"


@pytest.mark.parametrize(
    ("kind", "major", "said", "field"),
    [
        ("part", "01", ClassInput("休息椅", "sculpture_seat"), "geometry"),
        ("part", "01", ClassInput("休息椅", "sculpture_seat", "point"), "accuracy_class"),
        ("event", "01", ClassInput("占道", "street_order", "point"), "geometry"),
        ("event", "01", ClassInput("占道", "street_order", "", "A"), "accuracy_class"),
        ("event", "01", ClassInput("占道", "no-family"), "family"),
        ("event", "01", ClassInput(" ", "other"), "name"),
        ("event", "01", ClassInput("暴露垃圾", "rubbish"), "name"),
        ("event", "01", ClassInput("长" * 65, "other"), "name"),
        ("event", "77", ClassInput("占道", "other"), "major"),
        ("event", "7", ClassInput("占道", "other"), "major"),
        ("tree", "01", ClassInput("占道", "other"), "kind"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_field(add, kind, major, said, field):
    with pytest.raises(Invalid) as refused:
        add(CURRENT, kind, major, said)
    assert field in refused.value.fields
    assert not CatalogueClass.objects.filter(is_local=True).exists()


def test_only_administrators_add_and_change_classes(add, district):
    with pytest.raises(Forbidden):
        add(CURRENT, "event", "01", EVENT, actor="duty-chief-1")
    with pytest.raises(NotVisible):
        add("none", "event", "01", EVENT)


def test_a_class_of_the_scheme_keeps_its_name_and_its_history_the_old_rules(district, schemes):
    stall = district.classes["stall"]
    said = ClassInput("另一名称", "trade", deferral_allowed=True)
    changed = change_class(
        actor=district.actor("administrator"), at=at(), class_id=stall.pk, said=said, reason="试行"
    )
    assert (changed.name, changed.deferral_allowed) == ("无照经营游商", True)
    kept = apps.get_model("parts", "CatalogueClassHistory").objects.get(pgh_obj_id=stall.pk)
    assert kept.deferral_allowed is False
    assert kept.pgh_context.metadata["reason"] == "试行"


def test_a_change_needs_a_reason(district, schemes):
    with pytest.raises(Invalid):
        change_class(
            actor=district.actor("administrator"), at=at(), reason=" ",
            class_id=district.classes["stall"].pk, said=ClassInput("x", "trade"),
        )  # fmt: skip
