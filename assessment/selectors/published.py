"""What everybody may read of scores: published snapshots of streets and departments, no others."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.db.models import Exists, OuterRef, Q, QuerySet

from assessment.models import Snapshot, SnapshotKind, Subject
from assessment.selectors.definitions import Definition, define_terms
from assessment.selectors.snapshots import Row, rows_of
from gridcity.contracts import Actor, NotVisible, Role

# Published is published: the public reads the ranking as an official does.
PUBLIC = Actor(None, "public", frozenset({Role.OFFICIAL}))
SUBJECTS = (Subject.STREET, Subject.DEPARTMENT)
MOST = 24


@dataclass(frozen=True, slots=True)
class Published:
    """One published ranking with its rows, best first, and how its scores are reckoned."""

    snapshot: Snapshot
    rows: list[Row]
    terms: list[Definition]
    # What was published later in its place.
    replaced_by: Snapshot | None = None


def published_snapshots() -> QuerySet[Snapshot]:
    """Published ones that no other has replaced: a correction what it corrects, a final one the
    provisional. The last period first, long before short, of one period what is known best."""
    published = Snapshot.objects.filter(published_at__isnull=False)
    final = published.exclude(kind=SnapshotKind.PROVISIONAL).filter(
        period=OuterRef("period"), scheme__key=OuterRef("scheme__key")
    )
    return (
        published.filter(subject__in=SUBJECTS)
        .exclude(pk__in=published.filter(corrects__isnull=False).values("corrects"))
        .exclude(Q(kind=SnapshotKind.PROVISIONAL) & Q(Exists(final)))
        .select_related("scheme")
        .order_by("-end", "start", "-as_of", "scheme__key")
    )


def latest_published() -> list[Published]:
    """The newest ranking of each sort of objects, streets first."""
    found = []
    for subject in SUBJECTS:
        snapshot = published_snapshots().filter(subject=subject).first()
        if snapshot is not None:
            found.append(with_rows(snapshot))
    return found


def get_published(pk: int) -> Published:
    """One ranking that was published, also one that was corrected later. Raises NotVisible."""
    snapshot = (
        Snapshot.objects.filter(pk=pk, published_at__isnull=False, subject__in=SUBJECTS)
        .select_related("scheme", "corrects")
        .first()
    )
    if snapshot is None:
        raise NotVisible
    return replace(with_rows(snapshot), replaced_by=_replacement(snapshot))


def _replacement(snapshot: Snapshot) -> Snapshot | None:
    """What stands in the list in place of one that was published; None where it stands itself."""
    standing = published_snapshots().filter(period=snapshot.period, scheme__key=snapshot.scheme.key)
    found = standing.defer("content").order_by("-as_of").first()
    return None if found is None or found.pk == snapshot.pk else found


def with_rows(snapshot: Snapshot) -> Published:
    return Published(snapshot, rows_of(snapshot, PUBLIC), define_terms(snapshot))


def earlier_published() -> list[Snapshot]:
    """What else may be read, the last period first."""
    return list(published_snapshots().defer("content")[:MOST])
