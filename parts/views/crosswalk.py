"""The crosswalk between coding schemes: what the assistant proposes, and what a person decides."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from gridcity.contracts import Actor, Invalid, Refused
from parts.catalogue_forms import PairQueryForm
from parts.models import CatalogueClass
from parts.selectors.catalogue import classes_of, current_scheme, list_schemes
from parts.selectors.crosswalk import PAGE, PairFilter, PairLine, list_pairs, standing, without_pair
from parts.services.crosswalk import MOST_AT_ONCE, decide_pairs, name_pair, propose_pairs
from parts.views.catalogue import page_frame
from parts.views.entry import for_administrators

SURE = ("exact", "spelling")
FILTERS = ("kind", "state", "basis", "q")


def asked_schemes(query: QueryDict | dict[str, str]) -> tuple[str, str]:
    """From which scheme into which: as asked, else from another one into the current."""
    current, known = current_scheme(), [scheme.key for scheme in list_schemes()]
    target = query.get("target") or ""
    if target not in known:
        target = next((key for key in known if key != current), current)
    source = query.get("source") or ""
    if source not in known or source == target:
        source = current if target != current else next((k for k in known if k != current), current)
    return source, target


@require_safe
@for_administrators
def crosswalk(request: HttpRequest, actor: Actor) -> HttpResponse:
    """GET /district/catalogue/crosswalk/?source=&target=&kind=&state=&basis=&q=: pairs."""
    source, target = asked_schemes(request.GET)
    page = number_of(request.GET.get("cursor", "")) or 1
    faults, total = None, 0
    lines: list[PairLine] = []
    try:
        wanted = PairFilter.parse(request.GET.dict(), source=source, target=target)
        lines, total = list_pairs(wanted, page=page)
    except Invalid as refusal:
        faults = refusal
    said = {**request.GET.dict(), "source": source, "target": target}
    bare = without_pair(source, target)
    context = {
        **page_frame("crosswalk"),
        "form": PairQueryForm(said, schemes=list_schemes(), auto_id="query-%s"),
        "faults": faults,
        "source": source,
        "target": target,
        "lines": lines,
        "total": total,
        "next": str(page + 1) if page * PAGE < total else None,
        "previous": str(page - 1) if page > 1 else None,
        "standing": standing(source, target),
        "bare": groups_of(bare),
        "named_from": number_of(request.GET.get("from", "")),
        "targets": groups_of([row for row in classes_of(target) if row.is_active]),
        "is_filtered": any(request.GET.get(name) for name in FILTERS),
        "most": MOST_AT_ONCE,
        # similar names are decided one by one or ticked: several may be proposed for one class
        "is_sure": request.GET.get("basis") in SURE,
    }
    return render(request, "parts/crosswalk.html", context, status=400 if faults else 200)


def groups_of(classes: list[CatalogueClass]) -> list[tuple[str, list[CatalogueClass]]]:
    """Classes by kind and major class, for a control to choose from."""
    groups: dict[str, list[CatalogueClass]] = {}
    for row in classes:
        label = f"{row.get_kind_display()} · {row.major_code} {row.major_name}"
        groups.setdefault(label, []).append(row)
    return list(groups.items())


def number_of(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 10 else None


def back(request: HttpRequest) -> HttpResponse:
    """To the crosswalk as it was filtered; what is no filter of it is dropped."""
    kept = [
        (name, value)
        for name, value in parse_qsl(request.POST.get("query", "")[:1000])
        if name in ("source", "target", *FILTERS)
    ]
    return redirect(f"{reverse('parts:crosswalk')}?{urlencode(kept)}")


@require_POST
@for_administrators
def propose(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Ask the assistant for pairs by name."""
    source, target = asked_schemes(request.POST)
    try:
        found = propose_pairs(actor=actor, at=timezone.now(), source=source, target=target)
    except Refused as refusal:
        messages.error(request, str(refusal.detail))
    else:
        words = _(
            "%(pairs)d new pairs: %(exact)d of the same name, %(spelling)d in another spelling, "
            "%(near)d similar. For %(without)d classes nothing was found."
        )
        said = {name: getattr(found, name) for name in ("exact", "spelling", "near", "without")}
        messages.success(request, words % {**said, "pairs": found.pairs})
    address = urlencode({"source": source, "target": target})
    return redirect(f"{reverse('parts:crosswalk')}?{address}")


@require_POST
@for_administrators
def decide(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Confirm or refuse: one pair (`one=12-confirm`), those ticked, or all of the query."""
    one, _dash, decision = request.POST.get("one", "").partition("-")
    decision = decision or request.POST.get("decision", "")
    try:
        ids = [int(one)] if one.isdecimal() else chosen(request, decision)
        confirm = decision.startswith("confirm")
        done = decide_pairs(
            actor=actor, at=timezone.now(), ids=ids, confirm=confirm,
            reason=request.POST.get("reason", ""),
        )  # fmt: skip
    except Refused as refusal:
        messages.error(request, str(refusal.detail))
    else:
        said = {"n": len(done)}
        if confirm:
            words = ngettext("%(n)d pair was confirmed.", "%(n)d pairs were confirmed.", len(done))
        else:
            words = ngettext("%(n)d pair was refused.", "%(n)d pairs were refused.", len(done))
        messages.success(request, words % said)
    return back(request)


def chosen(request: HttpRequest, decision: str) -> list[int]:
    """The pairs that are ticked, or all that the query finds."""
    if decision.endswith("-all"):
        query = dict(parse_qsl(request.POST.get("query", "")[:1000]))
        source, target = asked_schemes(query)
        wanted = PairFilter.parse(query, source=source, target=target)
        return list(wanted.rows().values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
    return [int(text) for text in request.POST.getlist("pair") if text.isdecimal()]


@require_POST
@for_administrators
def name(request: HttpRequest, actor: Actor) -> HttpResponse:
    """A person names what a class is read as."""
    from_id = number_of(request.POST.get("from_class", "")) or 0
    to_id = number_of(request.POST.get("to_class", "")) or 0
    try:
        pair = name_pair(
            actor=actor, at=timezone.now(), from_id=from_id, to_id=to_id,
            reason=request.POST.get("reason", ""),
        )  # fmt: skip
    except Refused as refusal:
        messages.error(request, str(refusal.detail))
    else:
        said = {"one": pair.from_class, "other": pair.to_class}
        messages.success(request, _("%(one)s is read as %(other)s from now on.") % said)
    return back(request)
