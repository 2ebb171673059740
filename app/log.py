"""Structured logs: JSON lines with the correlation id of the work at hand."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

get_logger = structlog.get_logger


def configure(level: str = "info") -> None:
    """JSON to standard error; everything bound by `bound` goes on every line."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


@contextmanager
def bound(**values: object) -> Iterator[None]:
    """Every log line inside carries these values."""
    with structlog.contextvars.bound_contextvars(**values):
        yield
