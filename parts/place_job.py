"""The import of places as long work."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from jobs.kinds import Kind, register_kind
from parts.services.place_import import KIND, run_import


def register() -> None:
    register_kind(
        Kind(
            key=KIND,
            label=_("Import of places"),
            run=run_import,
            result_template="parts/includes/_place_import.html",
        )
    )
