"""No file without a row and no row without a file, also when there is no room (domain law §10)."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from cases.models import Photo
from cases.services.accepting import supplement_case
from cases.services.leftovers import remove_leftovers
from gridcity.contracts import StorageFull
from tests.photos import prepared


def files(settings) -> list[Path]:
    return sorted(path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())


def supplement(case, district, at):
    supplement_case(
        number=case.number, actor=district.actor("acceptor-1"), at=at, photos=[prepared("near")]
    )


def make_older(settings, by: timedelta):
    stamp = (timezone.now() - by).timestamp()
    for path in files(settings):
        os.utime(path, (stamp, stamp))


def test_what_a_rolled_back_request_left_is_taken_away_and_nothing_else(
    make_case, district, settings
):
    case, now = make_case(), timezone.now()
    supplement(case, district, now)
    kept = files(settings)
    with transaction.atomic():
        supplement(case, district, now)
        transaction.set_rollback(True)
    assert len(files(settings)) == 4
    assert remove_leftovers(at=timezone.now()) == 0  # as young as one that is being written
    make_older(settings, timedelta(hours=2))
    assert remove_leftovers(at=timezone.now()) == 2
    assert files(settings) == kept
    assert default_storage.exists(Photo.objects.get().file.name)


def test_a_sweep_of_an_empty_archive_does_nothing():
    assert remove_leftovers(at=timezone.now()) == 0


def test_over_the_limit_a_photo_is_refused_and_nothing_is_stored(make_case, district, settings):
    case, now = make_case(), timezone.now()
    supplement(case, district, now)
    full = sum(path.stat().st_size for path in files(settings))
    settings.MEDIA_LIMIT_BYTES = full + 10
    default_storage._counted_at = float("-inf")
    before = (case.events.count(), files(settings))
    with pytest.raises(StorageFull), transaction.atomic():
        supplement(case, district, now)
    assert (case.events.count(), files(settings)) == before
    settings.MEDIA_LIMIT_BYTES = 10 * full
    supplement(case, district, now)
    assert len(files(settings)) == 4


def test_the_limit_counts_what_is_written_between_two_countings(settings):
    settings.MEDIA_LIMIT_BYTES = 100
    default_storage._counted_at = float("-inf")
    default_storage.save("evidence/a.jpg", ContentFile(b"x" * 60))
    with pytest.raises(OSError, match="No space"):
        default_storage.save("evidence/b.jpg", ContentFile(b"x" * 60))
    default_storage.save("evidence/c.jpg", ContentFile(b"x" * 40))
