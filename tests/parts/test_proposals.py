"""Field updates: proposed on site, answered at the desk, never changing a thing by themselves."""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from html import unescape

import pytest
from django.contrib.gis.geos import LineString, Point
from django.core.files.storage import default_storage

from cases.services.leftovers import remove_leftovers
from gridcity.contracts import Forbidden, Invalid, NotAllowed, NotVisible, OutsideDistrict
from parts.accuracy import attained, is_good_enough
from parts.models import Part, Proposal, ProposalPhoto
from parts.photos import encode_photo
from parts.selectors import proposals as selectors
from parts.selectors.part_history import part_history
from parts.services.answering import accept_proposal, refuse_proposal, withdraw_proposal
from parts.services.proposals import ProposalInput, ProposalShot, propose
from tests.district import point
from tests.factories import start
from tests.photos import jpeg_with_position, prepared, upload

FIRST = "1101010101000001"


@pytest.fixture
def shot():
    return ProposalShot(encode_photo(upload()))


@pytest.fixture
def make(district, at, shot):
    """`make(kind="moved", …)`: a proposal of supervisor-1; by default about the first part."""

    def do(kind="changed", *, photos=None, key=None, by="supervisor-1", **said):
        if kind != "new":
            said.setdefault("part_code", FIRST)
        return propose(
            actor=district.actor(by), at=at("11:00"), key=key,
            said=ProposalInput(kind=kind, **said),
            photos=[shot] if photos is None else photos,
        )  # fmt: skip

    return do


@pytest.fixture
def desk(district, at):
    return {"actor": district.actor("administrator"), "at": at("15:00")}


def place(row, column, x=0.5):
    lon, lat = point(row, column, x)
    return {"lon": lon, "lat": lat}


class TestAccuracy:
    @pytest.mark.parametrize(
        ("metres", "wanted", "good"),
        [
            (0.5, "A", True), (0.51, "A", False), (1.0, "B", True), (1.2, "B", False),
            (10.0, "C", True), (10.1, "C", False), (None, "A", False), (None, "", True),
            (80.0, "", True),
        ],
    )  # fmt: skip
    def test_each_class_has_its_limit(self, metres, wanted, good):
        assert is_good_enough(metres, wanted) is good

    @pytest.mark.parametrize(
        ("metres", "name"), [(0.3, "A"), (0.9, "B"), (5, "C"), (30, ""), (None, "")]
    )
    def test_a_measurement_attains_the_strictest_class_it_satisfies(self, metres, name):
        assert attained(metres) == name


class TestProposing:
    def test_nothing_changes_until_it_is_accepted(self, make, district):
        made = make(values={"state": "broken"}, words="井圈开裂")
        assert (made.state, made.values) == ("open", {"state": "broken"})
        assert Part.objects.get(code=FIRST).state == "intact"
        assert part_history(Part.objects.get(code=FIRST)) == []

    def test_only_what_differs_is_proposed(self, make):
        assert make(values={"name": "上水井盖", "note": "新标识"}).values == {"note": "新标识"}

    def test_the_same_request_twice_is_one_proposal(self, make):
        key = uuid.uuid4()
        assert make(words="甲", key=key).pk == make(words="甲", key=key).pk
        assert (Proposal.objects.count(), ProposalPhoto.objects.count()) == (1, 1)

    @pytest.mark.parametrize(
        ("said", "field"),
        [
            ({"photos": []}, "photos"),
            ({"kind": "stolen"}, "kind"),
            ({"kind": "changed"}, "words"),
            ({"kind": "moved"}, "lon"),
            ({"kind": "new", "class_code": "0101"}, "lon"),
            ({"kind": "new", "class_code": "9999", "lon": 116.4, "lat": 39.9}, "class_code"),
            ({"kind": "gone", "values": {"state": "intact"}}, "state"),
            ({"values": {"state": "melted"}}, "state"),
            ({"values": {"name": "长" * 101}}, "name"),
            ({"kind": "moved", "lon": float("nan"), "lat": 39.9}, "lon"),
        ],
    )
    def test_what_is_missing_or_wrong_stands_at_its_field(self, make, said, field):
        with pytest.raises(Invalid) as refused:
            make(**said)
        assert field in refused.value.fields
        assert not Proposal.objects.exists()

    def test_a_place_outside_an_unknown_part_and_other_roles_are_refused(self, make):
        with pytest.raises(OutsideDistrict):
            make("moved", lon=116.2, lat=39.9)
        with pytest.raises(NotVisible):
            make(part_code="1101010101999999", words="x")
        with pytest.raises(Forbidden):
            make(by="acceptor-1", words="x")

    def test_photos_are_kept_without_what_the_camera_said(self, make):
        taken = ProposalShot(encode_photo(upload(content=jpeg_with_position())))
        (photo,) = make(words="x", photos=[taken]).photos.all()
        with default_storage.open(photo.file.name) as file:
            content = file.read()
        assert b"Secret Camera" not in content

    def test_when_the_rows_fail_no_file_stays(self, make, monkeypatch):
        def fail(*_rows):
            raise RuntimeError

        monkeypatch.setattr(ProposalPhoto.objects, "bulk_create", fail)
        with pytest.raises(RuntimeError):
            make(words="x")
        assert not Proposal.objects.exists()
        day = "proposals/2026/06/10"
        assert not default_storage.exists(day) or default_storage.listdir(day)[1] == []

    def test_the_sweep_of_leftovers_keeps_the_files_of_proposals(self, make):
        from datetime import timedelta

        from django.utils import timezone

        made = make(words="x")
        name = made.photos.get().file.name
        day = f"proposals/{timezone.now():%Y/%m/%d}"
        for suffix in (".jpg", "-s.jpg"):
            default_storage.save(f"{day}/left{suffix}", upload())
        assert remove_leftovers(at=timezone.now(), youngest=timedelta()) == 2
        assert default_storage.exists(name)


class TestAnswering:
    def test_a_changed_part_is_changed_and_says_who_saw_it(self, make, desk):
        made = make(values={"state": "broken", "note": "井圈开裂"}, words="北侧开裂")
        part = accept_proposal(**desk, proposal_id=made.pk)
        assert (part.state, Part.objects.get(code=FIRST).note) == ("broken", "井圈开裂")
        reasons = {change.reason for change in part_history(Part.objects.get(code=FIRST))}
        assert reasons == {f"在线更新 #{made.pk}（Supervisor 1）：北侧开裂"}
        made.refresh_from_db()
        assert (made.state, made.outcome_id) == ("accepted", part.pk)

    def test_a_part_that_is_gone_gets_an_end_state(self, make, desk, at):
        part = accept_proposal(**desk, proposal_id=make("gone").pk)
        assert (part.state, part.change_on) == ("lost", at().date())

    def test_a_good_enough_position_needs_no_confirmation(self, make, desk, district):
        made = make("new", class_code="0101", accuracy_m=0.4, placed_by="gps", **place(2, 1))
        part = accept_proposal(**desk, proposal_id=made.pk)
        assert (part.code, part.accuracy_class) == ("1101010101000004", "A")
        assert part.cell == district.cells[2, 1]

    @pytest.mark.parametrize(("metres", "kept"), [(6.0, "C"), (None, "")])
    def test_a_worse_one_must_be_confirmed_and_says_what_it_is(
        self, make, desk, district, metres, kept
    ):
        made = make("moved", accuracy_m=metres, **place(1, 0))
        with pytest.raises(Invalid) as refused:
            accept_proposal(**desk, proposal_id=made.pk)
        assert "accuracy_confirmed" in refused.value.fields
        assert "0.5" in str(refused.value.detail)
        made.refresh_from_db()
        assert made.state == "open"
        part = accept_proposal(**desk, proposal_id=made.pk, accuracy_confirmed=True)
        assert (part.cell, part.accuracy_class) == (district.cells[1, 0], kept)

    def test_a_line_is_moved_as_a_whole(self, make, desk, district):
        entry = district.classes["cover"]
        entry.geometry = "line"
        entry.accuracy_class = ""
        entry.save()
        course = LineString(point(0, 0, 0.2), point(0, 0, 0.8), srid=4490)
        Part.objects.filter(code=FIRST).update(geom=course)
        part = accept_proposal(**desk, proposal_id=make("moved", **place(1, 1)).pk)
        assert part.cell == district.cells[1, 1]
        assert part.geom.length == pytest.approx(course.length)

    def test_a_refusal_needs_a_reason_and_changes_nothing(self, make, desk):
        made = make(values={"state": "broken"})
        with pytest.raises(Invalid):
            refuse_proposal(**desk, proposal_id=made.pk, reason=" ")
        refuse_proposal(**desk, proposal_id=made.pk, reason="照片看不清")
        made.refresh_from_db()
        assert (made.state, made.answer) == ("refused", "照片看不清")
        assert Part.objects.get(code=FIRST).state == "intact"

    def test_it_is_answered_once(self, make, desk, district, at):
        made = make(values={"state": "broken"})
        accept_proposal(**desk, proposal_id=made.pk)
        for again in (
            lambda: accept_proposal(**desk, proposal_id=made.pk),
            lambda: refuse_proposal(**desk, proposal_id=made.pk, reason="x"),
            lambda: withdraw_proposal(
                actor=district.actor("supervisor-1"), at=at(), proposal_id=made.pk
            ),
        ):
            with pytest.raises(NotAllowed):
                again()

    def test_only_the_proposer_takes_it_back_and_only_administrators_answer(
        self, make, desk, district, at
    ):
        made = make(values={"state": "broken"})
        other = {"at": at(), "proposal_id": made.pk}
        with pytest.raises(Forbidden):
            withdraw_proposal(actor=district.actor("supervisor-2"), **other)
        with pytest.raises(Forbidden):
            accept_proposal(actor=district.actor("supervisor-1"), **other)
        withdraw_proposal(actor=district.actor("supervisor-1"), **other)
        made.refresh_from_db()
        assert made.state == "withdrawn"


class TestDepartment:
    def test_who_finishes_a_case_proposes_the_state_and_an_administrator_decides(
        self, district, desk
    ):
        walk = start(district=district, state="HANDLING", entry="cover", cell=(0, 0),
                     part_code=FIRST)  # fmt: skip
        from dispatch.services.handling import finish_case

        finish_case(
            **walk._said("dispatcher-1", result="已更换", photos=[prepared("after")],
                         part_state="abandoned") | {"actor": walk.department}
        )  # fmt: skip
        made = Proposal.objects.get()
        assert (made.kind, made.case_number) == ("gone", walk.number)
        assert Part.objects.get(code=FIRST).state == "intact"
        part = accept_proposal(**desk, proposal_id=made.pk)
        assert part.state == "abandoned"
        (change,) = part_history(Part.objects.get(code=FIRST))
        assert change.case_number == walk.number

    def test_the_state_it_has_already_is_no_news(self, district):
        walk = start(district=district, state="HANDLING", entry="cover", cell=(0, 0),
                     part_code=FIRST)  # fmt: skip
        from dispatch.services.handling import finish_case

        finish_case(
            **walk._said("dispatcher-1", result="已修复", photos=[prepared("after")],
                         part_state="intact") | {"actor": walk.department}
        )  # fmt: skip
        assert not Proposal.objects.exists()

    def test_the_form_asks_only_where_the_case_has_a_part(self, browser_client, district):
        for part, shown in (({"part_code": FIRST}, True), ({}, False)):
            walk = start(district=district, state="HANDLING", entry="cover", cell=(0, 0), **part)
            client = browser_client.enter(district.user(walk.department.username))
            html = client.get(f"/cases/{walk.number}/").content.decode()
            assert ('name="part_state"' in html) is shown


class TestPages:
    @pytest.fixture
    def phone(self, browser_client, district):
        return browser_client.enter(district.user("supervisor-1"))

    @pytest.fixture
    def office(self, browser_client, district):
        return lambda: browser_client.enter(district.user("administrator"))

    def send(self, phone, **said):
        key = said.pop("key", uuid.uuid4())
        photos = {"photos": [upload()], "photos_meta": json.dumps([{"taken_at": TAKEN}])}
        return phone.post(
            "/patrol/parts/propose/", {**photos, **said},
            headers={"Accept": "application/json", "Idempotency-Key": str(key)},
        )  # fmt: skip

    def test_a_supervisor_proposes_and_reads_the_answer(self, phone, office, district):
        response = self.send(phone, kind="changed", part_code=FIRST, state="broken", words="开裂")
        assert response.status_code == 201, response.content
        number = response.json()["id"]
        assert ProposalPhoto.objects.get().taken_at == datetime.fromisoformat(TAKEN)
        desk = office()
        html = unescape(desk.get("/district/proposals/").content.decode())
        assert f"#{number}" in html
        html = unescape(desk.get(f"/district/proposals/{number}/").content.decode())
        assert "<ins>破损</ins>" in html
        address = f"/district/proposals/{number}/"
        assert desk.post(address, {"act": "refuse", "reason": ""}).status_code == 400
        assert desk.post(address, {"act": "refuse", "reason": "看不清"}).status_code == 302
        assert desk.post(address, {"act": "accept"}).status_code == 409
        phone.enter(district.user("supervisor-1"))
        assert '<span class="gc-count">1</span>' in phone.get("/patrol/parts/").content.decode()
        assert "看不清" in phone.get("/patrol/parts/mine/").content.decode()
        assert '<span class="gc-count">1</span>' not in phone.get("/patrol/parts/").content.decode()

    def test_after_an_answer_the_next_that_waits_is_open_and_after_the_last_the_list(
        self, phone, office, district
    ):
        made = [
            self.send(phone, kind="changed", part_code=part.code, state="broken").json()["id"]
            for part in district.parts
        ]
        desk = office()

        def refused(number):
            said = {"act": "refuse", "reason": "看不清"}
            return desk.post(f"/district/proposals/{number}/", said)["Location"]

        assert refused(made[1]) == f"/district/proposals/{made[2]}/"
        assert refused(made[2]) == f"/district/proposals/{made[0]}/"
        assert refused(made[0]) == "/district/proposals/"

    def test_pages_of_the_list_follow_each_other_both_ways(
        self, phone, office, district, monkeypatch
    ):
        monkeypatch.setattr(selectors, "PAGE_SIZE", 2)
        made = [
            self.send(phone, kind="changed", part_code=part.code, state="broken").json()["id"]
            for part in district.parts
        ]

        def walk(state):
            pages, cursor = [], None
            while not pages or cursor:
                page = selectors.list_proposals(state=state, cursor=cursor)
                pages.append([row.pk for row in page.rows])
                cursor = page.next
            back = selectors.list_proposals(state=state, cursor=page.previous)
            assert [row.pk for row in back.rows] == pages[0]
            assert back.previous is None
            return pages

        assert walk("open") == [made[:2], made[2:]]
        desk = office()
        for number in made:
            desk.post(f"/district/proposals/{number}/", {"act": "refuse", "reason": "看不清"})
        assert walk("refused") == [made[:0:-1], made[:1]]
        assert desk.get("/district/proposals/?cursor=after-x").status_code == 400

    def test_a_key_that_is_none_is_refused_by_name(self, phone):
        answer = self.send(phone, kind="gone", part_code=FIRST, key="mine")
        assert answer.status_code == 400
        assert list(answer.json()["fields"]) == ["Idempotency-Key"]

    def test_the_same_key_twice_is_one_proposal(self, phone):
        key = uuid.uuid4()
        said = {"kind": "gone", "part_code": FIRST, "key": key}
        assert self.send(phone, **said).json() == self.send(phone, **said).json()
        assert Proposal.objects.count() == 1

    def test_what_is_wrong_is_said_in_json(self, phone):
        response = self.send(phone, kind="moved", part_code=FIRST, lon="x", lat="39.9")
        assert (response.status_code, list(response.json()["fields"])) == (400, ["lon"])
        response = phone.post(
            "/patrol/parts/propose/", {"kind": "gone", "part_code": FIRST},
            headers={"Accept": "application/json"},
        )  # fmt: skip
        assert list(response.json()["fields"]) == ["photos"]

    def test_a_worse_position_waits_for_a_confirmation(self, phone, office):
        lon, lat = point(1, 1)
        made = self.send(
            phone, kind="moved", part_code=FIRST, lon=lon, lat=lat, accuracy_m="8", placed_by="gps"
        ).json()
        desk, address = office(), f"/district/proposals/{made['id']}/"
        assert "该小类要求 ±0.5 米" in desk.get(address).content.decode()
        assert desk.post(address, {"act": "accept"}).status_code == 400
        confirmed = {"act": "accept", "accuracy_confirmed": "on"}
        assert desk.post(address, confirmed).status_code == 302

    def test_photos_are_for_administrators_and_their_proposer(self, phone, office, district):
        self.send(phone, kind="gone", part_code=FIRST)
        address = f"/district/proposals/photos/{ProposalPhoto.objects.get().pk}/"
        assert phone.get(address).getvalue().startswith(b"\xff\xd8")
        assert phone.get(f"{address}small/").getvalue().startswith(b"\xff\xd8")
        assert office().get(address).getvalue().startswith(b"\xff\xd8")
        for name in ("supervisor-2", "acceptor-1", "department-s201"):
            assert phone.enter(district.user(name)).get(address).status_code == 404

    @pytest.mark.parametrize(
        "path",
        ["/patrol/parts/", "/patrol/parts/new/", "/patrol/parts/mine/", f"/patrol/parts/{FIRST}/",
         "/patrol/parts/nearby/?lon=116.4006&lat=39.92955"],
    )  # fmt: skip
    def test_the_phones_pages_are_for_supervisors(self, phone, district, path):
        assert phone.get(path).status_code == 200
        for name in ("administrator", "acceptor-1", "client-1"):
            assert phone.enter(district.user(name)).get(path).status_code == 403

    def test_the_nearest_parts_come_with_their_pages(self, phone):
        lon, lat = point(0, 0)
        body = phone.get(f"/patrol/parts/nearby/?lon={lon}&lat={lat}").json()
        assert body["cell"] == "110101001001001"
        assert body["parts"][0]["url"] == f"/patrol/parts/{FIRST}/"
        json_only = {"Accept": "application/json"}
        assert phone.get("/patrol/parts/nearby/", headers=json_only).status_code == 400

    def test_a_scanned_tag_fills_the_report(self, phone):
        response = phone.get(f"/patrol/report/?part={FIRST}")
        assert response.context["part"]["class_code"] == "0101"
        assert phone.get("/patrol/report/").context["part"] is None
        assert phone.get("/patrol/report/?part=1101010101999999").status_code == 404

    def test_the_list_costs_a_few_queries_however_long(
        self, make, office, django_assert_max_num_queries
    ):
        for number in range(12):
            make(words=f"{number}")
        desk = office()
        desk.get("/district/proposals/")
        with django_assert_max_num_queries(8):
            assert desk.get("/district/proposals/").content.count(b"data-gc-row=") == 12


TAKEN = "2026-06-10T10:30:00+08:00"


def test_the_demonstration_shows_every_kind_and_is_loaded_once(district, at):
    from gridcity.contracts import CLOCK
    from parts.services.field_demonstration import load_field_work

    first = district.parts[0]
    Part.objects.bulk_create(
        Part(
            code=f"11010101010000{n}", catalogue_class=first.catalogue_class, name="上水井盖",
            geom=Point(*point(0, 0, n / 100), srid=4490), cell=first.cell, street=first.street,
            community=first.community, initial_on=first.initial_on,
        )
        for n in range(20, 26)
    )  # fmt: skip
    assert load_field_work(actor=CLOCK, at=at()).startswith("6 field updates")
    assert {row.kind for row in Proposal.objects.all()} == {"new", "moved", "changed", "gone"}
    assert {row.state for row in Proposal.objects.all()} == {"open", "accepted", "refused"}
    assert load_field_work(actor=CLOCK, at=at()) == "nothing"
