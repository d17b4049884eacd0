"""How a service opens its transaction, alone or as part of a request that is one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import transaction

Said = ParamSpec("Said")
Answer = TypeVar("Answer")

_is_part = ContextVar("is_part", default=False)


@contextmanager
def whole_request() -> Iterator[None]:
    """One transaction around all that a request, or an item of a sweep, does: together or not.

    The services inside need no savepoint of their own, which would cost two statements each.
    """
    with transaction.atomic():
        token = _is_part.set(True)
        try:
            yield
        finally:
            _is_part.reset(token)


def in_transaction(service: Callable[Said, Answer]) -> Callable[Said, Answer]:
    """Run a service in a transaction: its own, a savepoint of the caller's, or the request's."""

    @wraps(service)
    def wrapped(*args: Said.args, **kwargs: Said.kwargs) -> Answer:
        with transaction.atomic(savepoint=not _is_part.get()):
            return service(*args, **kwargs)

    return wrapped
