"""Life in the assessment of the demonstration: sheets, what was found, deposits and warnings."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from django.contrib.auth import get_user_model
from django.utils import timezone

from assessment.models import (
    Depositor,
    Entry,
    Guarantee,
    Sheet,
    SheetItem,
    SnapshotKind,
    WarningRule,
)
from assessment.periods import names_that_ended, span_of
from assessment.selectors.snapshots import final_after
from assessment.services.facts import refresh_facts
from assessment.services.inspections import (
    Found,
    answer_entry,
    appeal_entry,
    mark_read,
    record_entry,
)
from assessment.services.snapshots import LOOK_BACK, make_snapshot, publish_snapshot
from cases.models import Case
from dispatch.models import Membership
from dispatch.selectors.actors import actor_of
from gridcity.contracts import Actor
from parts.models import Street
from parts.services.field_demonstration import picture

SOURCE = "示范数据，可由区里按自己的办法修改"
# Key, name, whom it scores, what it does to a score, and its items: code, what, points, photo.
SHEETS = (
    (
        "street-inspection", "街道市容环境现场检查", "street", "inspection",
        (
            ("1.1", "主要大街路面整洁，无暴露垃圾", "2", True),
            ("1.2", "背街小巷保洁到位", "2", True),
            ("2.1", "门前责任落实，无店外经营", "3", True),
            ("2.2", "非机动车停放有序", "1", True),
            ("3.1", "整改回复及时，台账齐全", "5", False),
        ),
    ),
    (
        "department-inspection", "专业部门履职检查", "department", "inspection",
        (
            ("1.1", "处置现场围挡、警示规范", "3", True),
            ("2.1", "处置结果与反馈一致", "5", True),
            ("3.1", "值守应答及时", "2", False),
        ),
    ),
    (
        "street-bonus", "街道加分事项", "street", "bonus",
        (("1", "市级及以上通报表扬", "3", False), ("2", "创新做法被推广", "2", False)),
    ),
    (
        "street-penalty", "街道扣分事项", "street", "penalty",
        (("1", "媒体曝光属实且未及时整改", "3", False),),
    ),
)  # fmt: skip
FINDINGS = (
    # days ago, street (by place), item, points, words
    (0, 0, "1.1", "1", "路口东侧有散落垃圾，已当场告知"),
    (0, 1, "3.1", "0", "台账齐全，未发现问题"),
    (1, 2, "2.1", "1.5", "两家店铺占道摆放货物"),
    (2, 3, "1.2", "1", "胡同内保洁不及时"),
    (3, 0, "2.2", "0.5", "地铁口非机动车停放无序"),
    (5, 4, "1.1", "0", "沿线检查，未发现问题"),
    (6, 5, "2.1", "2", "早市散场后店外经营"),
)
BANDS = [
    {"name": "优秀", "least": 90, "above": True, "refund": True, "unit_times": 2,
     "person_times": 2},
    {"name": "合格", "least": 70, "refund": True, "unit_amount": 20000, "person_times": 1},
    {"name": "不合格", "least": 0, "refund": False},
]  # fmt: skip
DEPOSITS = (
    (Depositor.Kind.UNIT, "街道", 100_000),
    (Depositor.Kind.PERSON, "党工委书记", 5_000),
    (Depositor.Kind.PERSON, "办事处主任", 5_000),
    (Depositor.Kind.PERSON, "分管副主任", 5_000),
)
RULES = (
    ("月度结案率低于 70 %", "warning", "region-street", "month", "closed_share", "lt", "70"),
    ("年度总分低于 60 分", "veto", "region-street", "year", "total", "lt", "60"),
)


def load_assessment(*, actor: Actor, at: datetime) -> str:
    """Sheets with the findings of a week, one of them appealed against; deposits; nothing twice."""
    if Sheet.objects.exists():
        return "nothing"
    for key, name, subject, kind, items in SHEETS:
        sheet = Sheet.objects.create(key=key, name=name, subject=subject, kind=kind, source=SOURCE)
        SheetItem.objects.bulk_create(
            SheetItem(sheet=sheet, code=code, name=what, most=Decimal(most), needs_photo=photo)
            for code, what, most, photo in items
        )
    streets = list(Street.objects.filter(valid_to=None).order_by("code"))
    entries = find_some(streets, at)
    deposit(streets, at)
    return f"{len(SHEETS)} sheets, {entries} inspection entries"


def find_some(streets: list[Street], at: datetime) -> int:
    """What one assessor wrote down in a week; the office of one street reads and appeals."""
    people = get_user_model().objects
    assessor = people.filter(username="acceptor-1").first()
    chief = people.filter(username="duty-chief-1").first()
    if assessor is None or chief is None or not streets:
        return 0
    made: list[Entry] = []
    for days, place, item, points, words in FINDINGS:
        when = at - timedelta(days=days, hours=1)
        street = streets[place % len(streets)]
        found = Found("street-inspection", item, street.code, points, words, when)
        photos = [picture()] if Decimal(points) else []
        made.append(record_entry(actor=actor_of(assessor), at=when, found=found, photos=photos))
    member = (
        Membership.objects.select_related("user")
        .filter(department__street_code=streets[2 % len(streets)].code, is_lead=True)
        .first()
    )
    if member is not None:
        office, day = actor_of(member.user), timedelta(hours=20)
        mark_read(entry_id=made[2].pk, actor=office, at=made[2].at + day / 4)
        appeal_entry(
            entry_id=made[2].pk, actor=office, at=made[2].at + day / 2,
            words="当时正在卸货，十分钟后已清理，附有监控记录",
        )  # fmt: skip
        answer_entry(
            entry_id=made[2].pk, actor=actor_of(chief), at=made[2].at + day, upheld=True,
            words="经核实情况属实，不计分",
        )  # fmt: skip
    return len(made)


def deposit(streets: list[Street], at: datetime) -> None:
    """The deposits of this year, and when a figure means a yellow card or a veto."""
    year = timezone.localdate(at).year
    guarantee = Guarantee.objects.create(
        year=year, name="长效管理保证金", scheme_key="region-street", bands=BANDS, source=SOURCE
    )
    Depositor.objects.bulk_create(
        Depositor(
            guarantee=guarantee, object_key=street.code, kind=kind, title=title, amount=amount
        )
        for street in streets
        for kind, title, amount in DEPOSITS
    )
    since = timezone.localdate(at).replace(year=year - 1, month=1, day=1)
    WarningRule.objects.bulk_create(
        WarningRule(
            name=name, kind=kind, scheme_key=scheme, span=span, measure=measure,
            compared=compared, bound=Decimal(bound), valid_from=since,
        )
        for name, kind, scheme, span, measure, compared, bound in RULES
    )  # fmt: skip


def publish_a_week(*, actor: Actor, at: datetime) -> str:
    """The last week whose figures are final, scored and made public; nothing where none is."""
    weeks = [
        one for one in names_that_ended(at - final_after(at), LOOK_BACK) if span_of(one) == "week"
    ]
    chief = get_user_model().objects.filter(username="duty-chief-1").first()
    if not weeks or chief is None or not Case.objects.exists():
        return "nothing"
    while refresh_facts():
        pass
    for scheme in ("region-street", "department"):
        made = make_snapshot(name=weeks[-1], scheme_key=scheme, kind=SnapshotKind.FINAL, at=at)
        publish_snapshot(snapshot_id=made.pk, actor=actor_of(chief), at=at)
    return f"week {weeks[-1]}"
