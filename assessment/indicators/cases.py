"""Figures over cases: what regions are counted by (assessment law §3)."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from assessment.indicators.declaring import Grain, Indicator, counts, lasts, within
from assessment.periods import Period
from cases.workflow import State
from dispatch.models import FactKind
from gridcity.contracts import Role

# Settled on the spot and nothing else; once reopened it is a case like any other.
_ON_THE_SPOT = Q(self_handled=True)
# What an upheld appeal of the department took out of its lateness, its street is not charged with.
_CHARGED = counts(FactKind.OVERDUE) & counts(FactKind.FORCED_CLOSE)
_CLOSED = Q(end_kind=State.CLOSED) | Q(end_kind=State.FORCE_CLOSED, finished_at__isnull=False)


def _reported(period: Period) -> Q:
    return within("reported_at", period) & ~_ON_THE_SPOT


def _decided(period: Period) -> Q:
    """By the data time it was filed, or it had ended otherwise."""
    return Q(filed_at__lte=period.as_of) | Q(ended_at__lte=period.as_of)


def _decided_reports(period: Period) -> Q:
    return _reported(period) & _decided(period)


def _filed_of_decided(period: Period) -> Q:
    return Q(filed_at__lte=period.as_of)


def _patrol(period: Period) -> Q:
    return _patrol_reported(period) & _decided(period)


def _patrol_reported(period: Period) -> Q:
    return within("reported_at", period) & Q(reporter__isnull=False)


def _valid_patrol(period: Period) -> Q:
    approved = _ON_THE_SPOT & Q(end_kind=State.CLOSED, ended_at__lte=period.as_of)
    return Q(filed_at__lte=period.as_of) & ~_ON_THE_SPOT | approved


def _accepted(period: Period) -> Q:
    return within("accepted_at", period)


def _accepted_in_time(period: Period) -> Q:
    return Q(accepted_in_time=True)


def _waived(period: Period) -> Q:
    return Q(waived=True)


def _filed(period: Period) -> Q:
    """A successor of a forced close is counted in no filed figure (domain law §4)."""
    return within("filed_at", period) & Q(succeeds=False)


def _dispatched(period: Period) -> Q:
    return within("dispatched_at", period)


def _dispatched_by_people(period: Period) -> Q:
    """What routing dispatched by itself is nobody's."""
    return Q(dispatched_by__isnull=False)


def _missed(period: Period) -> Q:
    return Q(missed=True)


def _found_or_missed(period: Period) -> Q:
    """A matter both found and missed is the miss of the one, and no find of the other."""
    found = _patrol(period) & _valid_patrol(period) & Q(missed=False)
    return found | _filed(period) & Q(missed=True)


def _missed_on_patrol(period: Period) -> Q:
    return _filed(period) & Q(missed=True)


def _filed_in_time(period: Period) -> Q:
    return Q(filed_in_time=True)


def _filed_all(period: Period) -> Q:
    return _filed(period) & Q(merged=False)


def _filed_right(period: Period) -> Q:
    return Q(voided=False, sent_back=False, unfiled=False)


def _public_verified(period: Period) -> Q:
    return _filed(period) & Q(public=True)


def _public(period: Period) -> Q:
    return Q(public=True)


def _public_waived(period: Period) -> Q:
    return Q(waived=True)


def _disputed(period: Period) -> Q:
    return within("disputed_at", period)


def _voided(period: Period) -> Q:
    return within("ended_at", period) & Q(voided=True)


def _merged(period: Period) -> Q:
    return within("ended_at", period) & Q(merged=True)


def _relapsed(period: Period) -> Q:
    return Q(relapse=True)


def closed(period: Period) -> Q:
    return within("ended_at", period) & ~_ON_THE_SPOT & _CLOSED


def overdue_unclosed(period: Period) -> Q:
    """Its handling deadline lay before the cut, and it had not ended before the period began.

    One closed by force before its deadline stands in the ledger only.
    """
    due = Q(due_at__lt=period.cut, forced_early=False)
    closed_later = lasts("ended_at", period.cut)
    forced_now = within("ended_at", period) & Q(end_kind=State.FORCE_CLOSED, finished_at=None)
    return due & lasts("ended_at", period.start) & (closed_later | forced_now)


def _need_close(period: Period) -> Q:
    return closed(period) & _CHARGED | overdue_unclosed(period) & _CHARGED


def _closed_in_time(period: Period) -> Q:
    return closed(period) & Q(finish_in_time=True)


def _closed_late(period: Period) -> Q:
    return closed(period) & Q(finish_in_time=False) & _CHARGED


def _forced(period: Period) -> Q:
    forced = within("ended_at", period) & Q(end_kind=State.FORCE_CLOSED)
    return forced & counts(FactKind.FORCED_CLOSE)


def _ended_by_close(period: Period) -> Q:
    return closed(period) | _forced(period)


def _self_handled(period: Period) -> Q:
    return within("ended_at", period) & Q(end_kind=State.CLOSED) & _ON_THE_SPOT


def _reopened(period: Period) -> Q:
    """A round after the first began in the period."""
    return within("began_at", period) & Q(key__gt=1)


INDICATORS = (
    Indicator(
        "reported", pgettext_lazy("figure", "Reported"), Grain.CASE, _reported,
        _("Cases reported in the period, without self-handled ones."),
        "§3 reported", before_filing=True,
    ),
    Indicator(
        "decided", pgettext_lazy("figure", "Decided reports"), Grain.CASE, _decided_reports,
        _("Of the cases reported in the period those that were filed, or had ended otherwise, by "
          "the data time."), "§4 立案率", before_filing=True,
    ),
    Indicator(
        "filed_share", pgettext_lazy("figure", "Filed of those decided"), Grain.CASE,
        _filed_of_decided,
        _("Of the decided reports, those filed."), "§4 立案率", of="decided", before_filing=True,
    ),
    Indicator(
        "patrol_reported", pgettext_lazy("figure", "Patrol reports"), Grain.CASE, _patrol_reported,
        _("Reports of supervisors in the period, decided or not, self-handled ones included."),
        "§3 reported", before_filing=True, post=Role.SUPERVISOR, person="reporter",
    ),
    Indicator(
        "patrol_reports", pgettext_lazy("figure", "Decided patrol reports"), Grain.CASE, _patrol,
        _("Reports of supervisors in the period that were decided by the data time, self-handled "
          "ones included."), "§4 有效上报率", before_filing=True,
        post=Role.SUPERVISOR, person="reporter",
    ),
    Indicator(
        "valid_patrol", pgettext_lazy("figure", "Valid patrol reports"), Grain.CASE,
        _valid_patrol,
        _("Of the supervisors' decided reports, those filed, or approved as self-handled, by the "
          "data time."), "§4 有效上报率", of="patrol_reports", better=1, before_filing=True,
        post=Role.SUPERVISOR, person="reporter",
    ),
    Indicator(
        "found_or_missed", pgettext_lazy("figure", "Found or missed on patrol"), Grain.CASE,
        _found_or_missed,
        _("Valid patrol reports of the period, and cases filed in it that a patrol had missed."),
        "§4 漏报率", before_filing=True, post=Role.SUPERVISOR, person="watched_by",
    ),
    Indicator(
        "missed_on_patrol", pgettext_lazy("figure", "Missed on patrol"), Grain.CASE,
        _missed_on_patrol,
        _("Of what was found or missed on patrol, what the duty chief confirmed as missed when "
          "filing it; without what an objection took out by the data time."),
        "§4 漏报率", of="found_or_missed", better=-1, before_filing=True,
        post=Role.SUPERVISOR, person="watched_by",
    ),
    Indicator(
        "accepted", pgettext_lazy("figure", "Accepted"), Grain.CASE, _accepted,
        _("Cases accepted in the period, each at its first acceptance."), "§3 accepted",
        before_filing=True, post=Role.ACCEPTOR, person="accepted_by",
    ),
    Indicator(
        "accepted_in_time", pgettext_lazy("figure", "Accepted in time"), Grain.CASE,
        _accepted_in_time,
        _("Of the cases accepted in the period, those accepted within the limit of acceptance."),
        "§4 按时受理率", of="accepted", better=1, before_filing=True,
        post=Role.ACCEPTOR, person="accepted_by",
    ),
    Indicator(
        "waived", pgettext_lazy("figure", "Verification waived"), Grain.CASE, _waived,
        _("Of the cases accepted in the period, those accepted with a reason for not verifying."),
        "§3 waived", of="accepted", better=-1, before_filing=True,
        post=Role.ACCEPTOR, person="accepted_by",
    ),
    Indicator(
        "filed", pgettext_lazy("figure", "Filed"), Grain.CASE, _filed,
        _("Cases filed in the period; of a case filed twice the first filing counts, a successor "
          "of a forced close does not."), "§3 filed",
        post=Role.DUTY_CHIEF, person="filed_by", version=2,
    ),
    Indicator(
        "filed_in_time", pgettext_lazy("figure", "Filed in time"), Grain.CASE, _filed_in_time,
        _("Of the cases filed in the period, those filed within the limit of the filing stage."),
        "§4 按时立案率", of="filed", better=1, post=Role.DUTY_CHIEF, person="filed_by",
    ),
    Indicator(
        "missed", pgettext_lazy("figure", "Missed by patrols"), Grain.CASE, _missed,
        _("Of the cases filed in the period, those that the public reported, that are seen on "
          "patrol and that the duty chief confirmed as missed: a shift had walked there long "
          "enough, and no supervisor had reported it a day before."),
        "§3 missed", of="filed", better=-1,
    ),
    Indicator(
        "dispatched", pgettext_lazy("figure", "Cases dispatched"), Grain.CASE, _dispatched,
        _("Cases dispatched for the first time in the period; of a case dispatched again the first "
          "dispatch counts, one that was undone does not."), "§3 dispatched",
        post=Role.DISPATCHER, person="dispatched_by", charged=_dispatched_by_people,
    ),
    Indicator(
        "filed_all", pgettext_lazy("figure", "Filed, voided included"), Grain.CASE, _filed_all,
        _("Cases filed in the period, also those voided later."), "§3 filed_all", with_out=True,
        post=Role.DUTY_CHIEF, person="filed_by",
    ),
    Indicator(
        "filed_right", pgettext_lazy("figure", "Rightly filed"), Grain.CASE, _filed_right,
        _("Of these, those neither voided, nor sent back to filing, nor ended unfiled by the data "
          "time."), "§4 准确立案率", of="filed_all", better=1, with_out=True,
        post=Role.DUTY_CHIEF, person="filed_by",
    ),
    Indicator(
        "public_verified", pgettext_lazy("figure", "Verified public reports"), Grain.CASE,
        _public_verified,
        _("Cases filed in the period with the hotline, a letter or visit, the public or the media "
          "among their sources."), "§3 public_verified",
    ),
    Indicator(
        "public_waived", pgettext_lazy("figure", "Public reports not verified"), Grain.CASE,
        _public_waived,
        _("Of the verified public reports, those accepted with a reason for not verifying."),
        "§3 public_waived", of="public_verified", better=-1,
    ),
    Indicator(
        "disputed", pgettext_lazy("figure", "Disputed ownership"), Grain.CASE, _disputed,
        _("Cases whose second or later return was approved in the period."), "§3 disputed",
        better=-1,
    ),
    Indicator(
        "voided", pgettext_lazy("figure", "Voided"), Grain.CASE, _voided,
        _("Cases voided in the period; they stand in no other figure."), "§3 voided",
        with_out=True,
    ),
    Indicator(
        "merged", pgettext_lazy("figure", "Merged"), Grain.CASE, _merged,
        _("Cases merged into another one in the period; they stand in no other figure."),
        "§3 merged", with_out=True, before_filing=True,
    ),
    Indicator(
        "public_share", pgettext_lazy("figure", "Reported by the public"), Grain.CASE,
        _public,
        _("Of the cases filed in the period, those that the public had to report."),
        "§4 监督举报率", of="filed", better=-1,
    ),
    Indicator(
        "relapsed", pgettext_lazy("figure", "Relapses"), Grain.CASE, _relapsed,
        _("Of the cases closed in the period, those of the same class in the same cell as one "
          "closed not long before them."), "§4 复发率", of="closed", better=-1, version=2,
    ),
    Indicator(
        "need_close", pgettext_lazy("figure", "To close"), Grain.CASE, _need_close,
        _("Cases closed in the period, or whose handling deadline lay before its end and that had "
          "not ended before it began; those are out whose lateness or forced close an upheld "
          "appeal took out."), "§3 need_close", version=2,
    ),
    Indicator(
        "closed", pgettext_lazy("figure", "Closed"), Grain.CASE, closed,
        _("Cases closed in the period, also by force after the department had finished; without "
          "self-handled ones. A case closed again after a reopening counts in both rounds."),
        "§3 closed", version=2,
    ),
    Indicator(
        "closed_share", pgettext_lazy("figure", "Closed of those due"), Grain.CASE, closed,
        _("Of the cases to be closed, those closed."), "§4 结案率", of="need_close", better=1,
    ),
    Indicator(
        "closed_in_time", pgettext_lazy("figure", "Closed in time"), Grain.CASE, _closed_in_time,
        _("Of the cases to be closed, those closed whose department had finished in time; the time "
          "of the centres is not the department's."),
        "§4 按期结案率", of="need_close", better=1,
    ),
    Indicator(
        "closed_late", pgettext_lazy("figure", "Closed late"), Grain.CASE, _closed_late,
        _("Cases closed in the period whose department had finished after its deadline; those that "
          "an upheld appeal took out are not counted."),
        "§3 closed_late", better=-1, version=2,
    ),
    Indicator(
        "closed_late_share", pgettext_lazy("figure", "Closed late"), Grain.CASE, _closed_late,
        _("Of the cases to be closed, those closed whose department had finished after its "
          "deadline."), "§4 超期结案率", of="need_close", better=-1, completes="closed_in_time",
    ),
    Indicator(
        "ended_by_close", pgettext_lazy("figure", "Closed or closed by force"),
        Grain.CASE, _ended_by_close,
        _("Cases closed in the period in whatever way; without self-handled ones, and without "
          "forced closes before any finish that an upheld appeal took out."),
        "§3 forced", version=2,
    ),
    Indicator(
        "forced_share", pgettext_lazy("figure", "Closed by force"), Grain.CASE, _forced,
        _("Of the cases closed in whatever way, those closed by force; those that an upheld appeal "
          "took out are not counted."),
        "§3 forced", of="ended_by_close", better=-1, version=2,
    ),
    Indicator(
        "reopened", pgettext_lazy("figure", "Reopened"), Grain.CASE, _reopened,
        _("Cases reopened in the period."), "§3 reopened", better=-1,
    ),
    Indicator(
        "self_handled", pgettext_lazy("figure", "Self-handled"), Grain.CASE, _self_handled,
        _("Cases that a supervisor settled on the spot, approved in the period; they stand beside "
          "the figures of filing, handling and closing, never in them."),
        "§3 self_handled", before_filing=True, post=Role.SUPERVISOR, person="reporter",
    ),
)  # fmt: skip
