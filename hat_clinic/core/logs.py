"""Log lines carry ids, never people: no query strings, no values out of a failed statement.

Each line is one JSON object. The text of an exception is left out, because a database puts the offending row
into it; what stays is its type and where it was raised.
"""

from __future__ import annotations

import re
import sys
import traceback
from typing import Any

import structlog

QUERY_STRING = re.compile(r"\?[^\s\"']*")


def without_query_strings(logger: Any, name: str, event: dict[str, Any]) -> dict[str, Any]:
    """Cut what stands after a question mark in an address: searches and dates of birth end up there."""
    event["event"] = QUERY_STRING.sub("", str(event["event"]))
    return event


def without_words_of_exceptions(logger: Any, name: str, event: dict[str, Any]) -> dict[str, Any]:
    """Replace an exception by its type and the places it came through."""
    caught = event.pop("exc_info", None)
    if caught is True:
        caught = sys.exc_info()
    if isinstance(caught, BaseException):
        caught = (type(caught), caught, caught.__traceback__)
    if isinstance(caught, tuple) and caught[0] is not None:
        event["exception"] = f"{caught[0].__module__}.{caught[0].__qualname__}"
        frames = traceback.extract_tb(caught[2])
        event["raised_in"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    event.pop("stack_info", None)
    return event


# What every line passes through, whoever wrote it. The request's id is bound by its middleware.
PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    without_query_strings,
    without_words_of_exceptions,
]


def logging_settings() -> dict[str, Any]:
    """Return Django's LOGGING: everything to standard error, one JSON object a line."""
    structlog.configure(
        processors=[*PROCESSORS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": PROCESSORS,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.JSONRenderer(),
                ],
            }
        },
        "handlers": {"standard_error": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["standard_error"], "level": "INFO"},
        # Django's own handlers would print a second line, and mail what a page held to the administrators.
        "loggers": {
            name: {"handlers": [], "level": "INFO", "propagate": True} for name in ("django", "django.server")
        },
    }
