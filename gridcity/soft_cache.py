"""A Redis cache that may be lost: while Redis is gone or frozen it is an empty cache.

Django's own backend raises on every call when Redis is gone and waits five seconds a call when
it is frozen; a session or a template fragment would then fail the page.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

REST_S = 2.0  # how long Redis is left alone after a failure, so that not every request waits


class KeptClient(RedisCacheClient):
    """One client to read and one to write, made once: making one takes longer than Redis answers.

    Every page reads its session here. A client is safe among threads, and holds no connection but
    a pool of them. There is one server: with more, each read would have to choose anew.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._kept: dict[bool, Any] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        if write not in self._kept:
            self._kept[write] = super().get_client(key, write=write)
        return self._kept[write]


class SoftRedisCache(RedisCache):
    """Reads miss and writes are forgotten while Redis does not answer."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        options = params.setdefault("OPTIONS", {})
        options.setdefault("socket_connect_timeout", 0.2)
        options.setdefault("socket_timeout", 0.5)
        super().__init__(server, params)
        self._class = KeptClient
        self._rests_until = 0.0

    def _softly(
        self, otherwise: Answer, call: Callable[..., Answer], *args: Any, **kwargs: Any
    ) -> Answer:
        if time.monotonic() < self._rests_until:
            return otherwise
        try:
            return call(*args, **kwargs)
        except (RedisError, OSError) as problem:
            self._rests_until = time.monotonic() + REST_S
            log.warning("cache without Redis: %s", type(problem).__name__)
            return otherwise

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._softly(default, super().get, key, default, version)

    def get_many(self, keys: Any, version: int | None = None) -> dict[Any, Any]:
        return self._softly({}, super().get_many, keys, version)

    def has_key(self, key: Any, version: int | None = None) -> bool:
        return self._softly(False, super().has_key, key, version)

    def add(self, *args: Any, **kwargs: Any) -> bool:
        return self._softly(True, super().add, *args, **kwargs)

    def set(self, *args: Any, **kwargs: Any) -> None:
        self._softly(None, super().set, *args, **kwargs)

    def set_many(self, *args: Any, **kwargs: Any) -> list[Any]:
        return self._softly([], super().set_many, *args, **kwargs)

    def touch(self, *args: Any, **kwargs: Any) -> bool:
        return self._softly(False, super().touch, *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        return self._softly(False, super().delete, *args, **kwargs)

    def delete_many(self, *args: Any, **kwargs: Any) -> None:
        self._softly(None, super().delete_many, *args, **kwargs)

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        return self._softly(delta, super().incr, key, delta, version)

    def clear(self) -> None:
        self._softly(None, super().clear)
