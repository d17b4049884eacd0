"""Queries whose text is kept give what the query itself would give, for every value."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.db.models import F, QuerySet
from django.test.utils import CaptureQueriesContext

from parts.models import CatalogueClass, Cell
from parts.selectors.compiled import Compiled, compiled, compiled_by, one_of

pytestmark = pytest.mark.usefixtures("district")


class Kind:
    """Counts how often its query was composed."""

    composed = 0


@pytest.fixture
def of_kind() -> Compiled[CatalogueClass]:
    Kind.composed = 0

    @compiled
    def classes(kind: Any, code: Any) -> QuerySet[CatalogueClass]:
        Kind.composed += 1
        found = CatalogueClass.objects.select_related("scheme").filter(kind=kind, code__gte=code)
        return found.order_by("scheme", "code")

    return classes


def test_the_rows_are_those_of_the_query_and_it_is_composed_once(
    of_kind: Compiled[CatalogueClass],
) -> None:
    for kind in ("part", "event", "part", "none"):
        for code in ("", "03", "9999"):
            rows = CatalogueClass.objects.filter(kind=kind, code__gte=code)
            assert of_kind(kind=kind, code=code) == list(rows.order_by("scheme", "code"))
    assert Kind.composed == 1
    assert of_kind(kind="part", code="")


def test_what_is_joined_comes_with_the_row(of_kind: Compiled[CatalogueClass]) -> None:
    found = of_kind.first(kind="event", code="")
    assert found is not None
    with CaptureQueriesContext(connection) as asked:
        assert found.scheme.key == found.scheme_id
    assert not asked.captured_queries
    assert of_kind.first(kind="none", code="") is None


def test_a_text_is_kept_for_each_shape() -> None:
    @compiled_by("is_short")
    def codes(is_short: bool, kind: Any) -> QuerySet[CatalogueClass, str]:
        rows = CatalogueClass.objects.filter(kind=kind).order_by("pk")
        return rows.values_list("code", flat=True)[: 1 if is_short else None]

    every = list(
        CatalogueClass.objects.filter(kind="event").order_by("pk").values_list("code", flat=True)
    )
    assert len(every) > 1
    for _again in range(2):
        assert codes(is_short=True, kind="event") == every[:1]
        assert codes(is_short=False, kind="event") == every


def test_any_number_of_values_is_asked_for_by_the_same_text() -> None:
    @compiled
    def named(ids: Any) -> QuerySet[CatalogueClass, dict[str, Any]]:
        rows = CatalogueClass.objects.filter(one_of("pk", ids)).order_by("pk")
        return rows.values("pk", called=F("name"))

    rows = list(CatalogueClass.objects.order_by("pk")[:3])
    for wanted in ([], rows[:1], rows):
        ids = [row.pk for row in wanted]
        assert named(ids=ids) == [{"pk": row.pk, "called": row.name} for row in wanted]


def test_members_of_enumerations_and_nothing_are_values_too(
    of_kind: Compiled[CatalogueClass],
) -> None:
    kind = CatalogueClass.Kind.EVENT
    assert of_kind(kind=kind, code="") == of_kind(kind=str(kind.value), code="") != []
    assert of_kind(kind=None, code="") == []


def test_a_value_that_is_missing_is_a_mistake(of_kind: Compiled[CatalogueClass]) -> None:
    with pytest.raises(KeyError):
        of_kind(kind="part")


def test_what_finds_nothing_whatever_is_given_is_not_asked() -> None:
    @compiled_by("is_seen")
    def names(is_seen: bool, kind: Any) -> QuerySet[CatalogueClass, str]:
        rows = (
            CatalogueClass.objects.filter(kind=kind) if is_seen else CatalogueClass.objects.none()
        )
        return rows.values_list("name", flat=True)

    assert names(is_seen=True, kind="event")
    with CaptureQueriesContext(connection) as asked:
        assert names(is_seen=False, kind="event") == []
        assert names.first(is_seen=False, kind="event") is None
    assert not asked.captured_queries


def test_rows_are_counted_by_the_same_text_without_being_fetched() -> None:
    @compiled_by("most", replans=True)
    def of_kind(most: int, kind: Any) -> QuerySet[CatalogueClass, tuple[int]]:
        return CatalogueClass.objects.filter(kind=kind).values_list("pk")[:most]

    events = CatalogueClass.objects.filter(kind="event").count()
    assert events > 2
    for most, there in ((2, 2), (10_000, events)):
        with CaptureQueriesContext(connection) as asked:
            assert of_kind.count(most=most, kind="event") == there
        assert len(asked.captured_queries) == 1
        assert "'event'" in asked.captured_queries[0]["sql"]  # planned anew, for this value
        assert of_kind.count(most=most, kind="none") == 0


def test_texts_of_many_forms_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parts.selectors.compiled.SHAPES", 3)

    @compiled_by("most")
    def some(most: int) -> QuerySet[CatalogueClass, tuple[int]]:
        return CatalogueClass.objects.order_by("pk").values_list("pk")[:most]

    for most in (1, 2, 3, 4, 5, 1):
        assert len(some(most=most)) == most
        assert len(some._kept) <= 3


def test_each_thread_has_readers_of_its_own() -> None:
    """A reader of geometries that two threads use at once reads the one's as the other's."""

    @compiled
    def cells(most: Any) -> QuerySet[Cell]:
        return Cell.objects.filter(pk__lte=most).order_by("pk")

    def readers(_turn: int = 0) -> set[int]:
        kept = cells._of({})
        assert kept.converters is kept.converters
        return {id(read) for found, _of in kept.converters.values() for read in found}

    last = Cell.objects.latest("pk").pk
    assert cells(most=last) == list(Cell.objects.order_by("pk"))
    own = readers()
    assert own
    with ThreadPoolExecutor(2) as threads:
        for others in threads.map(readers, range(4)):
            assert not own & others
