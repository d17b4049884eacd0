"""The pages of schemes: the editor without a script, checks while typing, two administrators."""

from __future__ import annotations

from datetime import date
from html import unescape

import pytest

from assessment.models import Scheme, SchemeAct, Sheet
from assessment.scheme_forms import BandsField, Editor, bands_as_text
from assessment.services import schemes as services
from gridcity.contracts import Role
from tests.district import USER_OF_ROLE, at

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(district, clock):
    clock.now = at("11:00")
    held = Scheme.objects.get(key="department")
    return services.copy_version(
        actor=district.actor("administrator"), at=at("10:00"), scheme_id=held.pk,
        valid_from=date(2026, 7, 1),
    )  # fmt: skip


def typed(scheme, **changed):
    """What a browser sends of the editor as it opens, with some fields typed anew."""
    editor = Editor.stored(scheme)
    data = {"count": len(editor.terms), "revision": scheme.revision, "do": "save"}
    for form in (editor.head, *editor.terms):
        data |= {form[name].html_name: form[name].value() or "" for name in form.fields
                 if name != "per_cell"}  # fmt: skip
    return data | {key.replace("__", "-"): value for key, value in changed.items()}


def test_what_is_stored_comes_back_from_the_editor_unchanged(draft, district, browser_client):
    for scheme in Scheme.objects.filter(is_shipped=True):
        editor = Editor.stored(scheme)
        assert editor.is_valid, (scheme, [form.errors for form in editor.terms])
        assert editor.draft({}).terms == scheme.terms
        assert editor.draft({}).grades == scheme.grades
    browser_client.enter(district.user("administrator"))
    before = draft.terms
    assert browser_client.post(f"/schemes/{draft.pk}/edit/", typed(draft)).status_code == 302
    draft.refresh_from_db()
    assert draft.terms == before


def test_terms_are_added_moved_and_removed_by_buttons_and_nothing_is_lost(
    draft, district, browser_client
):
    browser_client.enter(district.user("administrator"))
    path = f"/schemes/{draft.pk}/edit/"
    said = typed(draft, t0__name="改过的名称", t1__weight="abc")
    second = "结案率（处置率）"
    first_again = "改过的名称"
    for act, count, first in (
        ("add", 5, first_again),
        ("down:0", 4, second),
        ("drop:0", 3, second),
        ("up:1", 4, second),
    ):
        page = browser_client.post(path, said | {"do": act})
        assert page.status_code == 200
        text = unescape(page.content.decode())
        assert text.count('<fieldset class="gc-card gc-term"') == count, act
        assert f'name="t0-name" value="{first}"' in text, act
        assert 'value="abc"' in text
    draft.refresh_from_db()
    assert draft.revision == 1, "buttons write nothing"


def test_a_new_term_with_groups_figures_and_bands_is_saved(draft, district, browser_client):
    district.departments["s201"].assessment_group = "环卫"
    district.departments["s201"].save(update_fields=["assessment_group"])
    Sheet.objects.create(key="dept-look", name="现场检查", subject="department")
    browser_client.enter(district.user("administrator"))
    said = typed(
        draft, count="6", t0__group_0_key="环卫", t0__group_0_bands="0-9: 100\n10-: 50",
        t1__weight="20",
        t4__name="延期与推诿", t4__weight="5", t4__direction="bad", t4__figure_0="extended",
        t4__figure_1="shirked", t4__percent_1="40", t4__least_sample="3",
        t5__name="现场检查", t5__weight="5", t5__direction="good", t5__figure_0="hand:dept-look",
    )  # fmt: skip
    assert browser_client.post(f"/schemes/{draft.pk}/edit/", said).status_code == 302
    draft.refresh_from_db()
    assert draft.terms[0]["groups"] == {"环卫": {"bands": [[0, 9, 100], [10, None, 50]]}}
    assert draft.terms[4] == {
        "key": "extended", "name": "延期与推诿", "weight": 5, "is_good": False, "least_sample": 3,
        "parts": [["extended", 100], ["shirked", 40]],
    }  # fmt: skip
    assert draft.terms[5]["hand"] == "dept-look"
    page = unescape(browser_client.get(f"/schemes/{draft.pk}/").content.decode())
    assert "环卫" in page
    assert "现场检查" in page


def test_what_is_wrong_is_said_while_typing_and_writes_nothing(draft, district, browser_client):
    browser_client.enter(district.user("administrator"))
    path = f"/schemes/{draft.pk}/check/"
    fine = unescape(browser_client.post(path, typed(draft)).content.decode())
    assert "100 %" in fine
    assert "gc-scheme-faults" not in fine
    for changed, named in (
        ({"t1__weight": "10"}, "80"),
        ({"t0__bands": "0-50: 100\n60-: 0"}, "51"),
        ({"t0__bands": "zero: 100"}, "zero"),
        ({"t3__direction": "good"}, "#term-3"),
        ({"t1__figure_0": "handled"}, "#term-1"),
        ({"grades": "A 90 优秀"}, "#id_grades"),
        ({"valid_from": ""}, "#id_valid_from"),
    ):
        page = unescape(browser_client.post(path, typed(draft, **changed)).content.decode())
        assert "gc-scheme-faults" in page, changed
        assert named in page, changed
    draft.refresh_from_db()
    assert draft.revision == 1


def test_what_cannot_be_kept_is_refused_and_stays_typed(draft, district, browser_client):
    browser_client.enter(district.user("administrator"))
    path = f"/schemes/{draft.pk}/edit/"
    wrong = browser_client.post(path, typed(draft, t0__bands="0-50; 100", name="新名称"))
    assert wrong.status_code == 400
    page = unescape(wrong.content.decode())
    assert "0-50; 100" in page
    assert "新名称" in page
    stale = browser_client.post(path, typed(draft, revision="0", name="新名称"))
    assert stale.status_code == 409
    assert "新名称" in stale.content.decode()
    draft.refresh_from_db()
    assert draft.name != "新名称"


def test_the_way_of_a_version_through_two_administrators(draft, district, browser_client):
    def do(user, act, status=302, **more):
        browser_client.enter(district.user(user))
        draft.refresh_from_db()
        said = {"act": act, "revision": draft.revision, "words": "按新办法"} | more
        answer = browser_client.post(f"/schemes/{draft.pk}/act/", said)
        assert answer.status_code == status, (act, answer.content[:300])
        return unescape(answer.content.decode())

    do("administrator", "open")
    do("administrator", "propose", 400, words="")
    do("administrator", "propose")
    assert browser_client.get(f"/schemes/{draft.pk}/edit/").status_code == 302
    do("administrator", "consent", 403)
    browser_client.enter(district.user("department-s201"))
    said = {"words": "分段过密"}
    assert browser_client.post(f"/schemes/{draft.pk}/comment/", said).status_code == 302
    do("administrator-2", "refuse", 400, words="")
    do("administrator-2", "refuse", words="请说明依据")
    do("administrator", "propose")
    browser_client.enter(district.user("administrator-2"))
    assert f"/schemes/{draft.pk}/" in browser_client.get("/schemes/").content.decode()
    do("administrator-2", "consent")
    page = unescape(browser_client.get(f"/schemes/{draft.pk}/").content.decode())
    for words in ("请说明依据", "分段过密", "环卫中心"):
        assert words in page
    draft.refresh_from_db()
    assert (draft.is_active, draft.is_open_to_comment) == (True, False)
    do("administrator", "discard", 409)
    do("administrator", "copy")
    assert Scheme.objects.get(key="department", version=3).terms == draft.terms
    acts = [SchemeAct(step.act) for step in draft.steps.all()]
    assert acts[-2:] == [SchemeAct.PROPOSED, SchemeAct.CONSENTED]


def test_a_new_scheme_begins_as_a_draft_without_terms(district, browser_client, clock):
    browser_client.enter(district.user("administrator"))
    said = {"name": "街道月度", "subject": "street", "key": "street-monthly",
            "valid_from": "2026-07-01"}  # fmt: skip
    assert browser_client.post("/schemes/new/", said | {"key": "街道"}).status_code == 400
    assert browser_client.post("/schemes/new/", said | {"key": "department"}).status_code == 400
    assert browser_client.post("/schemes/new/", said).status_code == 302
    made = Scheme.objects.get(key="street-monthly")
    assert (made.terms, made.version) == ([], 1)
    for path in ("", "edit/", "try/"):
        status = browser_client.get(f"/schemes/{made.pk}/{path}").status_code
        assert status == (400 if path == "try/" else 200), path


@pytest.mark.parametrize("role", USER_OF_ROLE)
def test_who_reads_and_who_writes(role, draft, district, browser_client):
    browser_client.enter(district.user(USER_OF_ROLE[role]))
    held = Scheme.objects.get(key="department", version=1)
    writes = role == Role.ADMINISTRATOR
    reads = role != Role.CLIENT
    assert browser_client.get("/schemes/").status_code == (200 if reads else 403)
    assert browser_client.get(f"/schemes/{held.pk}/").status_code == (200 if reads else 403)
    hidden = 200 if writes else 404 if reads else 403
    assert browser_client.get(f"/schemes/{draft.pk}/").status_code == hidden
    refused = 200 if writes else 403
    for path in ("new/", f"{draft.pk}/edit/"):
        assert browser_client.get(f"/schemes/{path}").status_code == refused
    act = browser_client.post(f"/schemes/{draft.pk}/act/", {"act": "open"})
    assert act.status_code == (302 if writes else 403)


@pytest.mark.parametrize(
    ("text", "bands"),
    [
        ("0-50: 100\n51-: 0", [[0, 50, 100], [51, None, 0]]),
        ("0：100\n1~3＝90\n≥4→0", [[0, 0, 100], [1, 3, 90], [4, None, 0]]),
        ("0至9: 100\n\n10以上: 0", [[0, 9, 100], [10, None, 0]]),
    ],
)
def test_bands_are_read_as_people_write_them(text, bands):
    assert BandsField().clean(text) == bands
    assert BandsField().clean(bands_as_text(bands)) == bands


@pytest.mark.parametrize(
    ("day", "status"), [("9999-99-99", 400), ("soon", 400), ("2027-01-01", 302), ("", 302)]
)
def test_a_copy_holds_from_the_day_that_it_says(district, clock, browser_client, day, status):
    clock.now = at("11:00")
    held = Scheme.objects.get(key="department")
    browser_client.enter(district.user("administrator"))
    said = {"act": "copy", "valid_from": day}
    assert browser_client.post(f"/schemes/{held.pk}/act/", said).status_code == status
    drafts = Scheme.objects.filter(key="department", is_active=False)
    expected = {"2027-01-01": [date(2027, 1, 1)], "": [date(2026, 7, 1)]}
    assert [one.valid_from for one in drafts] == expected.get(day, [])
