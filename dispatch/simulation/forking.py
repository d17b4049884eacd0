"""What a forked process must leave to the one that it comes from."""

from __future__ import annotations

from django.db import connections


def leave_connections() -> None:
    """Speak to the database over connections of one's own.

    The parent has closed what it knew. In a thread with an event loop it knows others than its
    child, which has no loop: those are left as they are, and forgotten here.
    """
    for one in connections.all(initialized_only=True):
        one.connection = None
