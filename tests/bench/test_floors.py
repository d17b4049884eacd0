"""The floors write whole rows: what a table demands is named in every insert."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.db import connection

SCRIPTS = sorted(Path("bench/sql").glob("*.sql"))
INSERT = re.compile(r"insert into (\w+) \(([^)]*)\)")
DEMANDED = """
    select attname from pg_attribute
    where attrelid = %s::regclass and attnum > 0 and attnotnull and not attisdropped
      and not atthasdef and attidentity = ''"""


@pytest.mark.django_db
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_an_insert_names_every_column_that_must_not_be_empty(script):
    for table, named in INSERT.findall(script.read_text()):
        with connection.cursor() as cursor:
            cursor.execute(DEMANDED, [table])
            demanded = {name for (name,) in cursor.fetchall()}
        assert demanded <= {name.strip() for name in named.split(",")}, table
