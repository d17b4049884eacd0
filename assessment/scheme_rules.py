"""When a scheme can score: each fault with the term at which it stands, in words. Pure.

Assessment law §5: weights add up to 100 %, bands of counts leave no gap and do not overlap, every
term names figures of the registry or a sheet, and scores in the direction in which they are better.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from assessment.scoring import FULL, Band, Grade, Part, Term, terms_for
from gridcity.contracts import Sentence


@dataclass(frozen=True, slots=True)
class Known:
    """What a scheme of one subject may name.

    `wholes` gives of each figure its denominator (empty for a count), `better` its direction,
    `labels` its word, `sheets` of each sheet whether it inspects (0), adds (1) or takes away (-1).
    `completes` gives of a figure of what came late the one that it may stand beside for a part of
    the points; `groups` are the groups of objects that there are.
    """

    wholes: Mapping[str, str]
    sheets: Mapping[str, int] = field(default_factory=dict)
    better: Mapping[str, int] = field(default_factory=dict)
    labels: Mapping[str, Sentence] = field(default_factory=dict)
    completes: Mapping[str, str] = field(default_factory=dict)
    groups: Collection[str] = ()
    has_cells: bool = True

    def label(self, key: str) -> Sentence:
        return self.labels.get(key, key)


@dataclass(frozen=True, slots=True)
class Fault:
    """`term` is the key of the term, empty for the whole scheme."""

    term: str
    kind: str
    words: Sentence


def faults_of(
    terms: Sequence[Term], known: Known, grades: Sequence[Grade] | None = None
) -> list[Fault]:
    """All that is wrong, the whole before its terms; empty where the scheme can score."""
    found = [Fault("", kind, words) for kind, words in _of_all(terms)]
    if grades is not None:
        found += [Fault("", "grades", words) for words in _grade_faults(grades)]
    for term in terms:
        found += [Fault(term.key, kind, words) for kind, words in _of_term(term, known)]
    return found


def _of_all(terms: Sequence[Term]) -> Iterator[tuple[str, Sentence]]:
    total = sum(term.weight for term in terms)
    if not terms:
        yield "weights", _("A scheme has at least one term.")
    elif total != FULL:
        yield (
            "weights",
            _("The weights add up to %(total)d %%, and must add up to 100 %%.") % {"total": total},
        )
    for group in sorted({key for term in terms for key in term.groups}):
        total = sum(term.weight for term in terms_for(terms, group))
        if total != FULL:
            yield (
                "weights",
                _("In group “%(group)s” the weights add up to %(total)d %%, not to 100 %%.")
                % {"group": group, "total": total},
            )
    if len({term.key for term in terms}) != len(terms):
        yield "twice", _("Two terms have the same key.")


def _of_term(term: Term, known: Known) -> Iterator[tuple[str, Sentence]]:
    """The faults of a term as it scores most objects, then what is new in each of its groups."""
    if not term.name.strip():
        yield "name", _("A term needs a name.")
    common = list(_scored_faults(term, known, least_weight=1))
    yield from common
    said = {str(words) for _kind, words in common}
    for group in term.groups:
        if group not in known.groups:
            yield "group", _("There is no group “%(group)s” among these.") % {"group": group}
        varied = terms_for([term], group)[0]
        for kind, words in _scored_faults(varied, known, least_weight=0):
            if str(words) not in said:
                yield kind, _IN_GROUP % {"group": group, "words": words}


def _scored_faults(
    term: Term, known: Known, *, least_weight: int
) -> Iterator[tuple[str, Sentence]]:
    """All rules for the term of one group; only within a group a term may weigh nothing."""
    if term.hand:
        yield from _hand_faults(term, known.sheets, least_weight)
        return
    if not least_weight <= term.weight <= FULL:
        yield "weight", _WEIGHT % {"least": least_weight}
    if term.adds:
        yield "adds", _("Only a sheet adds points or takes them away.")
    yield from _part_faults(term, known)
    yield from _band_faults(term.bands)
    if term.least_sample < 0:
        yield "sample", _("The least sample is not below 0.")


def _hand_faults(
    term: Term, sheets: Mapping[str, int], least_weight: int
) -> Iterator[tuple[str, Sentence]]:
    if term.hand not in sheets:
        yield "unknown", _("There is no sheet “%(key)s” for this.") % {"key": term.hand}
        return
    if term.parts or term.bands:
        yield "unknown", _("A term scored by hand has no figures and no bands.")
    is_extra = bool(term.adds)
    if term.adds != sheets[term.hand]:
        yield "adds", _("The sheet decides whether points are added or taken away.")
    elif is_extra and term.weight:
        yield "adds", _("A bonus or penalty goes onto the whole: its weight is 0.")
    elif not is_extra and not least_weight <= term.weight <= FULL:
        yield "adds", _WEIGHT % {"least": least_weight}


def _part_faults(term: Term, known: Known) -> Iterator[tuple[str, Sentence]]:
    if not term.parts:
        yield "unknown", _("Choose what is scored.")
        return
    strange = [part.indicator for part in term.parts if part.indicator not in known.wholes]
    for key in strange:
        yield (
            "unknown",
            _("“%(figure)s” is no figure that is counted for these.")
            % {"figure": known.label(key)},
        )
    if strange:
        return
    yield from _twice(term, known)
    yield from _rate_faults(term, known)
    yield from _direction_faults(term, known)
    if term.per_cell and not (term.bands and known.has_cells):
        yield "per_cell", _("Only counts of regions are divided by their cells.")
    if any(not 1 <= part.percent <= FULL for part in term.parts):
        yield "percent", _("A figure counts in its term at 1 to 100 %.")


def _twice(term: Term, known: Known) -> Iterator[tuple[str, Sentence]]:
    times = Counter(part.indicator for part in term.parts)
    for part in (Part(key) for key, count in times.items() if count > 1):
        yield "twice", _("“%(figure)s” stands in the term twice.") % _named(part, known)


def _rate_faults(term: Term, known: Known) -> Iterator[tuple[str, Sentence]]:
    for part in term.parts:
        if known.wholes[part.indicator] and term.bands:
            yield (
                "rate",
                _("“%(figure)s” is a rate: it scores by itself, without bands.")
                % _named(part, known),
            )
        elif not known.wholes[part.indicator] and not term.bands:
            yield "rate", _("“%(figure)s” is a count: it needs bands.") % _named(part, known)
    if term.bands and len(term.parts) > 1:
        yield "rate", _("Bands are of one count only.")


def _direction_faults(term: Term, known: Known) -> Iterator[tuple[str, Sentence]]:
    """Bands say themselves which counts are better; what came late may earn a part beside."""
    for part in term.parts if not term.bands else ():
        wanted = known.better.get(part.indicator, 0)
        if wanted and (wanted > 0) != term.is_good and not _is_for_a_part(part, term, known):
            yield "direction", (_HIGHER if wanted > 0 else _LOWER) % _named(part, known)


def _is_for_a_part(part: Part, term: Term, known: Known) -> bool:
    """Whether it completes what stands in the term for more: in time 100 %, late 40 %."""
    beside = known.completes.get(part.indicator)
    return any(one.indicator == beside and part.percent < one.percent for one in term.parts)


_WEIGHT = _("A weight lies between %(least)d and 100 %%.")
_HIGHER = _("Of “%(figure)s” more is better: the term scores it the other way round.")
_LOWER = _("Of “%(figure)s” less is better: the term scores it the other way round.")


def _named(part: Part, known: Known) -> dict[str, Sentence]:
    return {"figure": known.label(part.indicator)}


def _band_faults(bands: Sequence[Band]) -> Iterator[tuple[str, Sentence]]:
    """From 0 on, each beginning where the one before ended, the last without end."""
    if not bands:
        return
    if any(not 0 <= band.points <= FULL for band in bands):
        yield "points", _("Points lie between 0 and 100.")
    turned = [band for band in bands if band.most is not None and band.most < band.least]
    for band in turned:
        yield "bands", _("A band runs from %(from)d to %(to)d: the end lies before the begin.") % {
            "from": band.least, "to": band.most,
        }  # fmt: skip
    if not turned:
        yield from (
            ("bands", words) for words in _untiled(sorted(bands, key=lambda one: one.least))
        )


def _untiled(bands: Sequence[Band]) -> Iterator[Sentence]:
    following = 0
    for place, band in enumerate(bands):
        if band.least > following:
            yield _gap(following, band.least - 1)
        elif band.least < following:
            yield _OVERLAP % {"from": band.least, "to": min(following - 1, band.most or following)}
        if band.most is None:
            if place + 1 < len(bands):
                yield _("Only the last band may be without end.")
            return
        following = max(following, band.most + 1)
    yield _("The last band ends at %(to)d: larger counts have no points. Leave its end open.") % {
        "to": following - 1
    }


_IN_GROUP = _("Group “%(group)s”: %(words)s")
_OVERLAP = pgettext_lazy("bands", "Counts from %(from)d to %(to)d lie in two bands.")


def _gap(first: int, last: int) -> Sentence:
    if first == last:
        return _("The count %(count)d lies in no band.") % {"count": first}
    return _("Counts from %(from)d to %(to)d lie in no band.") % {"from": first, "to": last}


def _grade_faults(grades: Sequence[Grade]) -> Iterator[Sentence]:
    if not grades or min(grade.least for grade in grades) != 0:
        yield _("The lowest grade begins at 0.")
    if any(not 0 <= grade.least <= FULL for grade in grades):
        yield _("Grades begin between 0 and 100.")
    if len({grade.least for grade in grades}) != len(grades):
        yield _("Two grades begin at the same score.")
    if len({grade.letter for grade in grades}) != len(grades):
        yield _("Two grades have the same letter.")
    if any(not grade.letter.strip() or not grade.name.strip() for grade in grades):
        yield _("Every grade has a letter and a name.")
