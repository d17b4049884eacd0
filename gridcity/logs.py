"""Structured logs with the id of the request; they carry ids, never personal data."""

from __future__ import annotations

import logging.config
import re
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

# Where a database error quotes a row: whoever reported, and his number, may stand in it.
_QUOTED = re.compile(
    r"^DETAIL: .*(\n(?!\S*(?:Error|Exception)|Traceback|During|The above|CONTEXT).*)*", re.MULTILINE
)

SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def trace(logger: Any, method: str, event: EventDict) -> EventDict:
    """Where an error came from, in the words of the interpreter but for rows of the database."""
    told = structlog.processors.format_exc_info(logger, method, event)
    if "exception" in told:
        told["exception"] = _QUOTED.sub("DETAIL: …", str(told["exception"]))
    return told


def configure(settings: dict[str, Any]) -> None:
    """Configure the standard library's logging to print one JSON object a line."""
    settings["formatters"]["json"]["foreign_pre_chain"] = SHARED
    settings["formatters"]["json"]["processors"] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        trace,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]
    logging.config.dictConfig(settings)
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
