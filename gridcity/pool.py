"""The pool of connections that a web process keeps."""

from __future__ import annotations

import threading

from django.db import connection

_checking = threading.Lock()


def check_pool() -> None:
    """Throw away all connections of the pool that are dead; for when the database was away.

    The pool itself finds them one by one, when a request wants one, and waits longer after each:
    with few requests that is some twenty seconds of 503 after PostgreSQL has been started again.
    """
    pool = getattr(connection, "pool", None)
    if pool is None or pool.closed or not _checking.acquire(blocking=False):
        return
    try:
        pool.check()
    finally:
        _checking.release()
