"""A stay of a desk is charged to a person from his first opening of it (assessment §3)."""

from __future__ import annotations

from cases.models import Stay, StayOpening
from cases.services.opening import note_first_opening


def test_the_first_of_a_desk_to_open_a_case_is_remembered(api, walk, district):
    walked = walk("REPORTED")
    path = f"/api/v1/cases/{walked.number}/"
    for name in ("duty-chief-1", "acceptor-2", "acceptor-1"):
        assert api.of(district.user(name)).get(path).status_code == 200
    stay = Stay.objects.get(case__number=walked.number, ended_at=None)
    assert stay.first_opened_by.username == "acceptor-2"
    assert stay.first_opened_at is not None
    openings = StayOpening.objects.filter(stay=stay).order_by("at")
    assert [one.user.username for one in openings] == ["acceptor-2", "acceptor-1"]
    first = openings[0].at
    api.of(district.user("acceptor-2")).get(path)
    assert openings[0].at == first, "a later look changes nothing"
    walked.step("accept")
    assert not note_first_opening(stay=stay, actor=district.actor("acceptor-2"), at=walked.now), (
        "it has ended"
    )
