"""The catalogue at the administrator's desk: accessible pages, and the crosswalk by keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from parts.models import CatalogueClass, CodingScheme, CrosswalkPair
from parts.selectors.kept import forget
from parts.services.crosswalk import propose_pairs
from tests.browser.conftest import DESK, PHONE, settle
from tests.district import CURRENT, LATER, at, catalogue_class
from tests.parts.test_local_classes import NEW_RULES, OLD_RULES

WIDE = {"width": 1920, "height": 1080}
CROSSWALK = f"/district/catalogue/crosswalk/?source={CURRENT}&target={LATER}"


@pytest.fixture
def mapped(shared_district):
    """Both schemes with rules, and pairs that wait for a decision."""
    CodingScheme.objects.filter(key=CURRENT).update(extension_rules=OLD_RULES)
    CodingScheme.objects.filter(key=LATER).update(
        extension_rules=NEW_RULES, matters_have_codes=True
    )
    CatalogueClass.objects.bulk_create(
        [
            catalogue_class(LATER, "part", "01002", "供水井盖", "manhole", {}),
            catalogue_class(LATER, "part", "03001", "公共厕所", "toilet_waste", {}),
            catalogue_class(LATER, "part", "0101", "路灯", "lamp", {}),
            catalogue_class(LATER, "event", "07001", "非法小广告", "adverts", {}),
            catalogue_class(LATER, "event", "09001", "无照经营", "trade", {}),
        ]
    )
    forget()
    admin = shared_district.actor("administrator")
    propose_pairs(actor=admin, at=at(), source=CURRENT, target=LATER)
    return shared_district


def states():
    rows = CrosswalkPair.objects.order_by("from_class__kind", "from_class__code", "-score")
    return list(rows.values_list("from_class__name", "state"))


@pytest.mark.parametrize("size", [DESK, WIDE, PHONE], ids=["desk", "wide", "phone"])
def test_every_page_of_the_catalogue_is_accessible(person, mapped, size):
    office = person(size)
    office.enter("administrator")
    cover = mapped.classes["cover"]
    for path in (
        "/district/catalogue/",
        f"/district/catalogue/classes/{cover.pk}/",
        f"/district/catalogue/schemes/{LATER}/add/",
        CROSSWALK,
        "/district/catalogue/schemes/",
        f"/district/catalogue/schemes/{LATER}/switch/",
        "/district/standards/",
        f"/district/standards/{mapped.standard('rubbish').pk}/",
        "/district/standards/table/",
    ):
        page = office.go(path)
        settle(page)
        office.check_accessible()
        wider = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not page.evaluate(wider), path


def test_pairs_are_confirmed_and_refused_by_keyboard_alone(person, mapped):
    office = person(DESK)
    office.enter("administrator")
    page = office.go(CROSSWALK)
    settle(page)
    names = [name for name, _state in states()]
    assert names[:2] == ["暴露垃圾", "非法小广告"]
    # the row that J has reached is confirmed by C, and the focus stays in the list
    page.keyboard.press("j")
    page.keyboard.press("c")
    expect(page.locator("body")).to_contain_text("已确认 1 组")
    expect(page.locator("tr.gc-here")).to_have_count(1)
    assert dict(states())["暴露垃圾"] == "confirmed"
    # two rows are selected by X and confirmed together
    settle(page)
    first = page.locator("tr.gc-here").get_attribute("data-gc-row")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    second = page.locator("tr.gc-here").get_attribute("data-gc-row")
    page.keyboard.press("c")
    expect(page.locator("body")).to_contain_text("已确认 2 组")
    assert first != second
    done = CrosswalkPair.objects.filter(state="confirmed").values_list("pk", flat=True)
    assert {int(first), int(second)} < set(done)


def test_the_same_name_is_refused_by_keyboard_with_its_reason(person, mapped):
    office = person(DESK)
    office.enter("administrator")
    page = office.go(f"{CROSSWALK}&basis=exact&kind=part")
    settle(page)
    page.keyboard.press("j")
    page.keyboard.press("r")
    expect(page.locator("body")).to_contain_text("须说明理由")
    settle(page)
    page.focus("#crosswalk-reason")
    page.keyboard.type("口径不同")
    page.keyboard.press("Tab")
    page.locator("tr[data-gc-row] [data-gc-select]").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("r")
    expect(page.locator("body")).to_contain_text("已驳回 1 组")
    assert CrosswalkPair.objects.get(state="refused").reason == "口径不同"


def test_the_scheme_is_changed_with_a_yes(person, mapped):
    office = person(DESK)
    office.enter("administrator")
    page = office.go(f"/district/catalogue/schemes/{LATER}/switch/")
    settle(page)
    page.fill("input[name=reason]", "新国标实施")
    page.get_by_role("button", name="切换现行编码方案").click()
    page.locator("dialog[open] .btn-primary").click()
    expect(page.locator("body")).to_contain_text(f"今后新对象采用 {LATER}")
    assert CodingScheme.objects.get(is_current=True).key == LATER
