"""What migrations ship is there in every run, whatever the run before it has left."""

from __future__ import annotations

import pytest
from django.db import connection

from assessment.models import Scheme
from dispatch.models import EscalationRung
from tests import shipped


@pytest.mark.django_db
def test_a_kept_database_gets_back_what_tests_with_own_transactions_took():
    schemes, rungs = Scheme.objects.count(), EscalationRung.objects.count()
    assert schemes
    assert rungs
    for table in ("assessment_scheme", "dispatch_escalationrung", "dispatch_escalationladder"):
        empty(table)
    shipped.put_back()
    assert Scheme.objects.count() == schemes
    assert EscalationRung.objects.count() == rungs


def empty(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"truncate {table} cascade")
