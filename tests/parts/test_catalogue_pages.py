"""The pages of the catalogue: who enters, what they cost, what each button does."""

from __future__ import annotations

from datetime import date
from html import unescape

import pytest
from django.urls import reverse

from parts.models import CatalogueClass, CodingScheme, CrosswalkPair, SchemeSwitch
from parts.selectors.kept import forget
from parts.selectors.schemes import proposed_scheme
from parts.services.crosswalk import propose_pairs
from tests.district import CURRENT, LATER, USER_OF_ROLE, at, catalogue_class
from tests.parts.test_local_classes import NEW_RULES, OLD_RULES

PAGES = (
    "/district/catalogue/",
    f"/district/catalogue/?scheme={LATER}&kind=event&q=b&state=all",
    "/district/catalogue/crosswalk/",
    f"/district/catalogue/crosswalk/?source={LATER}&target={CURRENT}&state=all&basis=near&q=x",
    "/district/catalogue/schemes/",
    f"/district/catalogue/schemes/{LATER}/switch/",
    f"/district/catalogue/schemes/{CURRENT}/add/",
    "/district/standards/table/",
)
MOST_QUERIES = 16


@pytest.fixture(autouse=True)
def _now(clock):
    clock.now = at("11:00")


@pytest.fixture
def schemes(district):
    """Both schemes with rules; the later one has four classes and pairs proposed for them."""
    CodingScheme.objects.filter(key=CURRENT).update(extension_rules=OLD_RULES)
    CodingScheme.objects.filter(key=LATER).update(
        extension_rules=NEW_RULES, matters_have_codes=True
    )
    CatalogueClass.objects.bulk_create(
        [
            catalogue_class(LATER, "part", "01002", "供水井盖", "manhole", {}),
            catalogue_class(LATER, "part", "0101", "路灯", "lamp", {}),
            catalogue_class(LATER, "event", "07001", "非法小广告", "adverts", {}),
            catalogue_class(LATER, "event", "09001", "无照经营", "trade", {}),
        ]
    )
    forget()
    propose_pairs(actor=district.actor("administrator"), at=at(), source=CURRENT, target=LATER)


@pytest.fixture
def office(browser_client, district, schemes):
    return browser_client.enter(district.user("administrator"))


def words(client, path, status=200):
    response = client.get(path)
    assert response.status_code == status, response.content[:300]
    return unescape(response.content.decode())


@pytest.mark.parametrize("path", PAGES)
def test_only_administrators_enter(browser_client, district, schemes, path):
    for role, name in USER_OF_ROLE.items():
        browser_client.enter(district.user(name))
        expected = 200 if role == "administrator" else 403
        assert browser_client.get(path).status_code == expected, role


@pytest.mark.parametrize("path", PAGES)
def test_a_page_costs_a_few_queries_however_much_it_shows(
    office, path, django_assert_max_num_queries
):
    office.get(path)
    with django_assert_max_num_queries(MOST_QUERIES):
        words(office, path)
    CatalogueClass.objects.bulk_create(
        catalogue_class(LATER, "event", f"08{number:03d}", f"问题{number}", "other", {})
        for number in range(1, 31)
    )
    forget()
    office.get(path)
    with django_assert_max_num_queries(MOST_QUERIES):
        words(office, path)


@pytest.mark.parametrize(
    "path",
    [
        "/district/catalogue/?scheme=none",
        "/district/catalogue/?kind=tree",
        "/district/catalogue/crosswalk/?state=some",
        "/district/catalogue/crosswalk/?basis=some",
    ],
)
def test_an_unknown_filter_is_said(office, path):
    assert "gc-errors" in words(office, path, 400)


def test_classes_are_found_by_code_name_and_initials(office):
    CatalogueClass.objects.filter(name="暴露垃圾", scheme=CURRENT).update(initials="bllj")
    forget()
    for query in ("0102", "暴露", "bllj"):
        html = words(office, f"/district/catalogue/?q={query}")
        assert "暴露垃圾" in html
        assert "无照经营游商" not in html


def test_a_retired_class_is_listed_where_it_is_asked_for(office):
    assert "其他街面秩序问题" not in words(office, "/district/catalogue/")
    assert "其他街面秩序问题" in words(office, "/district/catalogue/?state=retired")


def test_a_local_class_is_added_on_its_page(office):
    address = reverse("parts:class-add", args=[CURRENT])
    assert "0198" in words(office, address)
    said = {
        "place": "event:01",
        "name": "占用盲道",
        "family": "street_order",
        "seen_on_patrol": "on",
    }
    response = office.post(address, said, follow=True)
    entry = CatalogueClass.objects.get(is_local=True)
    assert response.redirect_chain[-1][0] == reverse("parts:class", args=[entry.pk])
    assert (entry.code, entry.name) == ("0198", "占用盲道")


def test_a_fault_of_a_new_class_stands_at_its_field(office):
    address = reverse("parts:class-add", args=[CURRENT])
    response = office.post(address, {"place": "part:01", "name": "休息椅", "family": "other"})
    html = unescape(response.content.decode())
    assert response.status_code == 400
    assert 'href="#id_geometry"' in html
    assert 'value="休息椅"' in html


def test_a_class_is_changed_and_its_page_tells_what_was(office, district):
    stall = district.classes["stall"]
    address = reverse("parts:class", args=[stall.pk])
    office.post(address, {"family": "trade", "is_active": "on", "reason": "试行缓办",
                          "deferral_allowed": "on"})  # fmt: skip
    stall.refresh_from_db()
    assert (stall.deferral_allowed, stall.name) == (True, "无照经营游商")
    html = words(office, address)
    assert "试行缓办" in html
    assert "原为 否" in html


def test_the_assistant_is_asked_on_the_page(office):
    said = {"source": LATER, "target": CURRENT}
    html = office.post(reverse("parts:crosswalk-propose"), said, follow=True).content.decode()
    assert CrosswalkPair.objects.filter(from_class__scheme_id=LATER, state="proposed").exists()
    assert "同名" in html


def test_pairs_are_confirmed_singly_ticked_and_all_of_a_query(office):
    decide = reverse("parts:crosswalk-decide")
    ids = list(CrosswalkPair.objects.order_by("pk").values_list("pk", flat=True))
    office.post(decide, {"one": f"{ids[0]}-confirm", "query": "kind=part"})
    assert list(CrosswalkPair.objects.filter(state="confirmed").values_list("pk", flat=True)) == [
        ids[0]
    ]
    near = CrosswalkPair.objects.filter(basis="near").values_list("pk", flat=True)
    office.post(decide, {"decision": "refuse", "pair": list(near)})
    assert CrosswalkPair.objects.filter(state="refused").count() == len(near)
    response = office.post(
        decide, {"decision": "confirm-all", "query": f"source={CURRENT}&target={LATER}&basis=exact"}
    )
    assert response["Location"].endswith(f"source={CURRENT}&target={LATER}&basis=exact")
    assert not CrosswalkPair.objects.filter(state="proposed", basis="exact").exists()


def test_a_refusal_of_the_service_is_told_and_nothing_is_changed(office):
    exact = CrosswalkPair.objects.filter(basis="exact").first()
    said = {"one": f"{exact.pk}-refuse", "query": ""}
    html = office.post(reverse("parts:crosswalk-decide"), said, follow=True).content.decode()
    assert "须说明理由" in html
    exact.refresh_from_db()
    assert exact.state == "proposed"


def test_the_way_back_leads_to_the_crosswalk_alone(office):
    said = {"decision": "confirm", "query": "next=https://elsewhere.example/&kind=part"}
    response = office.post(reverse("parts:crosswalk-decide"), said)
    assert response["Location"] == "/district/catalogue/crosswalk/?kind=part"


def test_a_pair_is_named_by_a_person_on_the_page(office, district):
    stall = district.classes["stall"]
    other = CatalogueClass.objects.get(scheme=LATER, code="09001")
    said = {"from_class": stall.pk, "to_class": other.pk, "reason": "同一事项"}
    office.post(reverse("parts:crosswalk-name"), said)
    pair = CrosswalkPair.objects.get(from_class=stall, to_class=other)
    assert (pair.state, pair.reason) == ("confirmed", "同一事项")


def test_the_list_says_that_the_same_code_means_something_else(office):
    html = words(
        office, f"/district/catalogue/crosswalk/?source={CURRENT}&target={LATER}&kind=part"
    )
    assert "同代码 0101 在该方案中是“路灯”" in html


def test_the_scheme_is_changed_after_its_preview(office):
    address = reverse("parts:scheme-switch", args=[LATER])
    html = words(office, address)
    assert "切换现行编码方案" in html
    assert office.post(address, {"seen": CURRENT, "reason": ""}).status_code == 400
    stale = office.post(address, {"seen": LATER, "reason": "新国标"})
    assert stale.status_code == 400
    assert "请重新预览" in unescape(stale.content.decode())
    response = office.post(address, {"seen": CURRENT, "reason": "新国标"}, follow=True)
    assert "新国标" in unescape(response.content.decode())
    assert SchemeSwitch.objects.get().counted["classes_unread"] == 7
    assert CodingScheme.objects.get(is_current=True).key == LATER


def test_what_is_not_there_is_not_found(office):
    for path in (
        reverse("parts:class", args=[10**9]),
        reverse("parts:class-add", args=["none"]),
        reverse("parts:scheme-switch", args=["none"]),
        reverse("parts:standard", args=[10**9]),
        reverse("parts:standard-add", args=[10**9]),
    ):
        assert office.get(path).status_code == 404


def test_a_new_installation_is_told_of_the_national_scheme(db):
    """Until parts bear codes, and from the day on which it is in force."""
    sizes = {"class_minor_length": 2, "class_code_length": 4}
    CodingScheme.objects.all().delete()
    CodingScheme.objects.create(key="CJT214-2007", name="2007", is_current=True, **sizes)
    national = CodingScheme.objects.create(key="GBT47678.5-2026", name="2026", **sizes)
    assert proposed_scheme(date(2026, 6, 30)) is None
    assert proposed_scheme(date(2026, 7, 1)) == national
    CodingScheme.objects.update(is_current=False)
    CodingScheme.objects.filter(pk=national.pk).update(is_current=True)
    assert proposed_scheme(date(2026, 7, 1)) is None


def test_where_parts_bear_codes_no_scheme_is_proposed(office, clock):
    clock.now = at("11:00", on="2026-07-02")
    assert "新建系统" not in words(office, "/district/catalogue/schemes/")
