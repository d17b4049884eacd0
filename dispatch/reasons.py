"""The reason of a routing proposal in words: one sentence from the steps of the search."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce

from django.utils.functional import Promise
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from dispatch.routing import CODE, OFF, PREFIX, WORKING, Body, Outcome, Proposal, Rule, Step

BODIES: dict[str, Promise] = {
    Body.MAINTAINER: _("maintainer"),
    Body.OWNER: _("owner"),
    Body.COMPETENT: _("competent department"),
}
AREAS: dict[int, Promise] = {
    15: _("unit grid cell %(code)s"),
    12: _("community %(code)s"),
    9: _("street %(code)s"),
    6: _("the whole district"),
}


def sentence(proposal: Proposal, names: Mapping[str, str] | None = None) -> str:
    """All steps that say something, joined: what was passed over, then what was found.

    `names` are names of classes and areas by their codes, for the words of a rule.
    """
    names = names or {}
    said = [step for step in proposal.steps if step.outcome is not Outcome.NO_BODY]
    if len(said) < len(proposal.steps) and not any(step.body for step in said):
        # The part names nobody at all: worth one clause, not three.
        nobody = __("The part names nobody who answers for it.")
        return _joined(nobody, words(said[-1], names))
    return reduce(_joined, (words(step, names) for step in said))


def _joined(first: str, second: str) -> str:
    return __("%(first)s %(second)s") % {"first": first, "second": second}


def words(step: Step, names: Mapping[str, str]) -> str:
    """One step as a sentence."""
    values = {"body": BODIES.get(step.body, ""), "name": step.name}
    match step.outcome:
        case Outcome.BODY:
            return __("The %(body)s of the part is %(name)s.") % values
        case Outcome.NO_BODY:
            return __("The part names no %(body)s.") % values
        case Outcome.BODY_UNKNOWN:
            return __("The %(body)s %(name)s is no department here.") % values
        case Outcome.BODY_UNMANNED:
            return __("The %(body)s %(name)s has no active account.") % values
        case Outcome.NO_RULE:
            return __("No routing rule fits this class in this place.")
        case Outcome.CONFLICT:
            rules = "、".join(f"#{number}" for number in step.others)
            return __("Rules %(rules)s are equal in all: an administrator must decide.") % {
                "rules": rules
            }
    return _rule_words(step, names)


def _rule_words(step: Step, names: Mapping[str, str]) -> str:
    assert step.rule is not None
    values = {"rule": describe(step.rule, names), "name": step.name}
    if step.outcome is Outcome.RULE_UNMANNED:
        return __("Rule (%(rule)s) names %(name)s, which has no active account.") % values
    return __("By rule: %(rule)s → %(name)s.") % values


def describe(rule: Rule, names: Mapping[str, str] | None = None) -> str:
    """Class, area, source and time of a rule in a few words."""
    names = names or {}
    said = [_class_words(rule, names), _area_words(rule, names)]
    if rule.source:
        said.append(__("source %(source)s") % {"source": rule.source})
    if rule.working_time == WORKING:
        said.append(__("in working time"))
    if rule.working_time == OFF:
        said.append(__("outside working time"))
    return __(", ").join(said)


def _area_words(rule: Rule, names: Mapping[str, str]) -> str:
    return str(AREAS[len(rule.area_code)]) % {"code": names.get(rule.area_code, rule.area_code)}


def _class_words(rule: Rule, names: Mapping[str, str]) -> str:
    if rule.class_scope == CODE:
        return __("class %(code)s") % {"code": names.get(rule.class_code, rule.class_code)}
    if rule.class_scope == PREFIX:
        return __("classes from %(code)s") % {"code": rule.class_code}
    return __("every class")
