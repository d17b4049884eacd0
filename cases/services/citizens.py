"""What a citizen without an account does: he reports, and adds to a report (domain law §4).

His code is his key: with the number it opens his own report at `/follow/`. Of anybody else's case
he sees class, street, state and date only (law §9); what he adds to it he gives away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from cases.services import accepting
from cases.services.ending import CITIZEN, lock_leading, reporter_of_code
from cases.services.evidence import Prepared
from cases.services.reporting import ReporterInput, ReportInput, report_case
from cases.services.transactions import in_transaction
from cases.services.transition import check_may, lock_case
from gridcity.contracts import Actor, NotAllowed, Role

# A part is named by its code on a tag, or by who knows the register.
NO_PART = _("Reported by a citizen, who does not know which part it is")
# Who adds more than this to a case in a day hinders those who work on it.
MOST_ADDED, ADDED_WITHIN = 10, timedelta(days=1)
# How the event says whose words they are: by which report he came, or by none.
BY_REPORT, BY_STRANGER = "report", "stranger"


@in_transaction
def report_as_citizen(
    *,
    at: datetime,
    report: ReportInput,
    phone: str,
    query_code: str,
    photos: Sequence[Prepared] = (),
    name: str = "",
    actor: Actor = CITIZEN,
) -> Case:
    """`report` 上报 by a citizen: source PUBLIC, so that it is verified before filing (law §2).

    Or by an interface client that hands on what he told it: then its own source. Who leaves a
    number may be called about it: the page says so beside the field. `query_code` is his with the
    receipt. Raises as `report_case`.
    """
    who = ReporterInput(name=name, phone=phone, may_call=bool(phone), query_code=query_code)
    if report.kind == "part" and not report.part_code:
        with translation.override(settings.LANGUAGE_CODE):  # stored as data
            report = replace(report, no_part_reason=report.no_part_reason or str(NO_PART))
    return report_case(actor=actor, at=at, report=replace(report, reporter=who), photos=photos)


@in_transaction
def supplement_own(
    *, number: str, query_code: str, at: datetime, words: str = "", photos: Sequence[Prepared] = ()
) -> Case:
    """`supplement` 补充 by the citizen of the case, with his number and code, while it is open.

    What is added to a merged report goes to the case that leads it; each of its reporters has a
    day's number of his own. Raises NotVisible, Invalid without words and photos, NotAllowed after
    the end and for too much in a day.
    """
    reporter = reporter_of_code(number, query_code)
    case = lock_leading(reporter.case)
    check_may(case, "supplement", CITIZEN)
    return _added(case, {BY_REPORT: reporter.case.number}, at, words, photos)


@in_transaction
def supplement_nearby(
    *, number: str, at: datetime, words: str = "", photos: Sequence[Prepared] = ()
) -> Case:
    """`supplement` 补充 by a citizen who would have reported the same matter (ux.md 5, law §9).

    The caller has made sure that this case was shown to him as one nearby. He becomes no reporter
    of it and gets no code. All such people share one day's number. Raises as `supplement_own`.
    """
    case = lock_case(number)
    check_may(case, "supplement", CITIZEN)
    return _added(case, {BY_STRANGER: True}, at, words, photos)


def _added(
    case: Case, by: dict[str, Any], at: datetime, words: str, photos: Sequence[Prepared]
) -> Case:
    lately = case.events.filter(
        action="supplement", role=Role.CITIZEN, at__gt=at - ADDED_WITHIN, changes__contains=by
    ).count()
    if lately >= MOST_ADDED:
        raise NotAllowed(_("Much was added to this case today: add the rest tomorrow."))
    kept, _event = accepting.supplement_case(
        number=case.number, actor=CITIZEN, at=at, words=words, photos=photos, said=by
    )
    return kept
