"""Life at the desks of the demonstration: calls of the last hours, some to be called back."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from cases.models import Case, Task
from cases.models.case import PlacedBy
from cases.services.accepting import accept_case
from cases.services.evidence import PhotoInput, Prepared, prepare_photo
from cases.services.placing import Place
from cases.services.reporting import ReporterInput, ReportInput, report_case
from cases.workflow import State
from dispatch.models import Membership
from dispatch.selectors.actors import actor_of
from dispatch.selectors.routing import proposal_for
from dispatch.services.checking import close_case, pass_check, send_check
from dispatch.services.handling import dispatch_case, file_case, finish_case
from dispatch.services.turns import open_turn
from gridcity.contracts import Actor
from parts.models import Cell

STEP = timedelta(minutes=6)
CLIENT = "client-1"  # the hotline's own system; nothing else in the demonstration reports by it
APART = 97  # cells between two calls, so that no two are near each other


@dataclass(frozen=True, slots=True)
class Call:
    """What somebody reported by telephone, how long ago, and how far it has come since."""

    by: str
    class_code: str
    words: str
    name: str
    phone: str
    minutes_ago: int
    state: State = State.CLOSED


# The numbers are of a range that nobody has; who calls by the hotline's own system has a client.
CALLS = (
    Call("acceptor-1", "0102", "小区东门外垃圾桶旁堆了一地垃圾，味道很大", "赵女士", "19900000001",
         300),
    Call("acceptor-1", "0104", "公交站台附近路面有大片油污和烟头", "钱先生", "19900000002", 260),
    Call(CLIENT, "0108", "胡同口扔了一张旧沙发，行人要绕行", "孙女士", "19900000003", 220),
    Call("acceptor-2", "0201", "电线杆上贴满了小广告", "李先生", "19900000004", 180),
    Call("acceptor-1", "0203", "人行道上摆着两块占道广告牌", "赵女士", "19900000001", 40,
         State.HANDLING),
    Call(CLIENT, "0112", "拉渣土的车把土撒了一路", "周先生", "19900000005", 12, State.TO_FILE),
    Call(CLIENT, "0106", "绿地里有很多塑料袋", "吴女士", "19900000006", 3, State.REPORTED),
)  # fmt: skip


def load_calls(*, actor: Actor, at: datetime) -> str:
    """Walk each call to where it stands, by the services that people use; nothing twice."""
    cells = Cell.objects.current().order_by("code")
    rung = Case.objects.filter(reported_by__username=CLIENT).exists()
    if rung or cells.count() <= APART * len(CALLS):
        return "nothing"
    for number, call in enumerate(CALLS):
        point = cells[APART * (number + 1)].geom.point_on_surface
        place = Place(round(point.x, 7), round(point.y, 7), placed_by=PlacedBy.MANUAL)
        Walk(call, place, at - timedelta(minutes=call.minutes_ago), number).go()
    return f"{len(CALLS)} calls"


def known(username: str) -> Actor:
    """Somebody of the demonstration."""
    return actor_of(get_user_model().objects.get(username=username))


class Walk:
    """One call and the hands that move its case, some minutes for each step."""

    def __init__(self, call: Call, place: Place, at: datetime, number: int) -> None:
        self.call, self.place, self.at, self.number = call, place, at, number

    def go(self) -> None:
        """Take it in, and move it on until it stands where the call says."""
        call = self.call
        self.case = report_case(
            actor=known(call.by), at=self.at,
            report=ReportInput(
                kind="event", class_code=call.class_code, place=self.place,
                description=call.words, source="HOTLINE",
                reporter=ReporterInput(call.name, call.phone, may_call=True),
            ),
        )  # fmt: skip
        while self.case.state != call.state:
            self.at += STEP
            getattr(self, f"_from_{self.case.state.lower()}")()
            self.case = Case.objects.get(pk=self.case.pk)

    def _said(self, actor: Actor, **more: Any) -> dict[str, Any]:
        return {
            "number": self.case.number, "actor": actor, "at": self.at,
            "version": self.case.version, **more,
        }  # fmt: skip

    def _from_reported(self) -> None:
        acceptor = self.call.by if self.call.by.startswith("acceptor") else "acceptor-1"
        accept_case(**self._said(known(acceptor), waiver="来电人已发来现场照片，情况明确"))

    def _from_to_file(self) -> None:
        standards = self.case.catalogue_class.standards.order_by("position")
        file_case(**self._said(known("duty-chief-1"), standard_id=standards[0].pk))

    def _from_to_dispatch(self) -> None:
        found = proposal_for(self.case, at=self.at)
        assert found is not None
        assert found.department is not None
        code = found.department.code
        dispatch_case(**self._said(known("dispatcher-1"), department=code))

    def _from_handling(self) -> None:
        department = open_turn(self.case).department_id
        member = Membership.objects.filter(department=department, is_lead=False)[0]
        said = self._said(actor_of(member.user), result="已派人到场处理完毕")
        finish_case(**said, photos=[self._picture()])

    def _from_to_check(self) -> None:
        send_check(**self._said(known("acceptor-1")))

    def _from_checking(self) -> None:
        task = Task.objects.select_related("assignee").get(case=self.case, ended_at=None)
        pass_check(
            number=self.case.number, actor=actor_of(task.assignee), at=self.at,
            photos=[self._picture()],
        )  # fmt: skip

    def _from_to_close(self) -> None:
        close_case(**self._said(known("duty-chief-1")))

    def _picture(self) -> Prepared:
        """Rings of its own for each step: the demonstration has no photos of real places."""
        shift = self.number * 31 + self.at.minute
        rings = (
            Image.radial_gradient("L")
            .resize((640, 480))
            .point(lambda grey: (grey * (2 + self.number) + shift) % 256)
        )
        buffer = io.BytesIO()
        rings.convert("RGB").save(buffer, "JPEG")
        upload = SimpleUploadedFile("site.jpg", buffer.getvalue(), "image/jpeg")
        return prepare_photo(PhotoInput(upload, "after", self.at, self.place.lon, self.place.lat))
