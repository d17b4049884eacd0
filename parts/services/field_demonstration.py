"""Life in the register of the demonstration: a census that runs, field updates that wait."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from gridcity.contracts import Actor, Role
from jobs.running import run_job
from parts.models import CensusCell, CensusPart, Part, Proposal, Street
from parts.photos import Encoded, encode_photo
from parts.services.answering import accept_proposal, refuse_proposal
from parts.services.censuses import CensusInput, ask_census, end_cell, note_proposal, tick
from parts.services.proposals import ProposalInput, ProposalShot, propose

CENSUS = "部件普查（示范）"
CLASSES = ("0101", "0102", "0103", "0104", "0201", "0601")
CELLS_DONE, DAYS = 9, 45
NEAR = 0.00003  # degrees, about 3 m


def load_field_work(*, actor: Actor, at: datetime) -> str:
    """A census of one street, partly walked, and what supervisors proposed; nothing twice."""
    office = somebody(Role.ADMINISTRATOR)
    street = Street.objects.filter(valid_to=None).order_by("code").first()
    if office is None or street is None or Proposal.objects.exists():
        return "nothing"
    walker = somebody(Role.SUPERVISOR)
    if walker is None:
        return "nothing"
    today = timezone.localdate(at)
    known = set(Part.objects.filter(street=street, catalogue_class__code__in=CLASSES)
                .values_list("catalogue_class__code", flat=True))  # fmt: skip
    census = ask_census(
        actor=office,
        at=at,
        said=CensusInput(
            name=f"{today.year} 年{street.name}{CENSUS}",
            begins_on=today - timedelta(days=3),
            ends_on=today + timedelta(days=DAYS),
            streets=[street.code],
            classes=sorted(known),
            note="示范数据",
        ),
    )
    assert census.opening_job_id is not None
    run_job(job_id=census.opening_job_id)
    walk(walker, at, census.pk)
    return f"{propose_some(walker, office, at, street.pk)} field updates, 1 census"


def somebody(role: str) -> Actor | None:
    """The first active user of a role."""
    users: Any = get_user_model().objects
    user = users.filter(roles__contains=[role], is_active=True).order_by("pk").first()
    return Actor.of(user) if user else None


def walk(walker: Actor, at: datetime, census_id: int) -> None:
    """Some cells are done, one has a part that nobody found."""
    cells = CensusCell.objects.filter(census_id=census_id).order_by("cell__code")
    for cell in cells[:CELLS_DONE]:
        end_cell(actor=walker, at=at, census_cell_id=cell.pk, rest_present=True)
    lost = CensusPart.objects.filter(census_cell__census_id=census_id, found="present").last()
    if lost is not None:
        tick(actor=walker, at=at, census_part_id=lost.pk, found="gone")


def picture() -> Encoded:
    """A picture that shows nothing: the demonstration has no photos of real places."""
    grey = Image.radial_gradient("L").resize((640, 480)).convert("RGB")
    buffer = io.BytesIO()
    grey.save(buffer, "JPEG")
    return encode_photo(SimpleUploadedFile("site.jpg", buffer.getvalue(), "image/jpeg"))


def propose_some(walker: Actor, office: Actor, at: datetime, street_id: int) -> int:
    """One of each kind, one of them accepted and one refused."""
    rows = Part.objects.filter(street_id=street_id, catalogue_class__geometry="point")
    parts: list[Any] = list(rows.select_related("catalogue_class").order_by("code")[:6])
    if len(parts) < 6:
        return 0
    near, entry = parts[5].geom, parts[5].catalogue_class.code
    at_moved = {"lon": parts[1].geom.x + NEAR, "lat": parts[1].geom.y}
    wishes = (
        ("changed", parts[0], {"values": {"state": "broken"}, "words": "井盖边缘开裂，过车有异响"}),
        ("moved", parts[1], at_moved | {"accuracy_m": 6.0, "placed_by": "gps",
                                        "words": "道路改造后移至便道"}),
        ("gone", parts[2], {"words": "现场未见，疑似施工时拆除"}),
        ("new", None, {"class_code": entry, "lon": near.x, "lat": near.y + NEAR,
                       "accuracy_m": 0.4, "placed_by": "gps", "words": "普查漏登"}),
        ("changed", parts[3], {"values": {"note": "已更换新式井盖"}}),
        ("changed", parts[4], {"words": "编号牌脱落"}),
    )  # fmt: skip
    shot, made = ProposalShot(picture(), at), []
    for kind, part, said in wishes:
        wish = ProposalInput(kind=kind, part_code=part.code if part else "", **said)
        made.append(propose(actor=walker, at=at, said=wish, photos=[shot]))
        note_proposal(actor=walker, at=at, proposal=made[-1])
    accept_proposal(actor=office, at=at, proposal_id=made[4].pk)
    refuse_proposal(
        actor=office, at=at, proposal_id=made[5].pk, reason="编号牌不属部件属性，请按案件上报。"
    )
    return len(made)
