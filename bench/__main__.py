"""`python -m bench`: measures the product beside its floors, in a database of its own."""

from __future__ import annotations

import os
import sys

import django


def start() -> int:
    """Load the product with the bench's settings, then measure it."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    # Playwright's loop runs in the thread of the measuring, where the database is asked too.
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    django.setup()
    from bench.run import main

    return main()


if __name__ == "__main__":
    sys.exit(start())
