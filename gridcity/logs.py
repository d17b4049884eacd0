"""Structured logs with the id of the request; they carry ids, never personal data."""

from __future__ import annotations

import logging.config
from typing import Any

import structlog
from structlog.typing import Processor

SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure(settings: dict[str, Any]) -> None:
    """Configure the standard library's logging to print one JSON object a line."""
    settings["formatters"]["json"]["foreign_pre_chain"] = SHARED
    settings["formatters"]["json"]["processor"] = structlog.processors.JSONRenderer(
        ensure_ascii=False
    )
    logging.config.dictConfig(settings)
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
