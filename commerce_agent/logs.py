"""How log lines look: one stream for the code's structured events and the libraries' own lines.

No line quotes anybody. An error's text may hold what a shopper said, so of an error only its kind and the places it
went through are logged; a library's line that has an error with it is logged with its values left out.
"""

import logging
import logging.config
import sys
import traceback
from collections.abc import Mapping

import structlog
from structlog.typing import EventDict, Processor

OWN_EXTRAS = ("action", "merchant", "calls", "failures", "words")
"""What the catalogue puts beside its lines. What libraries put there (a task's arguments) is nobody's business."""
MOST_CAUSES = 5
MOST_PLACES = 40


def leave_out_words(_logger: object, _name: str, event: EventDict) -> EventDict:
    """Puts in place of an error its kind, its places and those of its causes; none of their texts."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["exception"] = list_causes(error)
    event.pop("stack", None)
    return event


def list_causes(error: BaseException) -> list[dict[str, object]]:
    """The error and what caused it, the last first: of each its kind and where it passed, the innermost last."""
    causes: list[dict[str, object]] = []
    for _ in range(MOST_CAUSES):
        frames = traceback.extract_tb(error.__traceback__)[-MOST_PLACES:]
        places = [f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
        cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        told: dict[str, object] = {
            "type": f"{type(error).__module__}.{type(error).__qualname__}",
            "places": places,
        }
        if isinstance(error, BaseExceptionGroup):
            told["parts"] = [list_causes(part) for part in error.exceptions[:MOST_CAUSES]]
        causes.append(told)
        if cause is None:
            break
        error = cause
    return causes


def keep_template(_logger: object, _name: str, event: EventDict) -> EventDict:
    """Leaves a library's line with an error as it was before values were put in: one may be the error's text."""
    record = event.get("_record")
    if isinstance(record, logging.LogRecord) and not event["_from_structlog"] and event.get("exc_info"):
        event["event"] = str(record.msg)
    return event


def configure_logs(choice: Mapping[str, str]) -> None:
    """Set logging up from the setting LOGGING, `{"format": "json" | "readable", "level": ...}`; Django calls
    this.
    """
    shared: tuple[Processor, ...] = (
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.processors.StackInfoRenderer(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"lines": _describe_formatter(choice["format"], shared=shared)},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
            "root": {"handlers": ["stderr"], "level": choice["level"]},
            "loggers": {
                # Django's own handlers would print a second time, and mail errors to nobody.
                "django": {"handlers": [], "level": choice["level"], "propagate": True},
                # Each call would be a line, with a customer's key in its address.
                "httpx2": {"handlers": [], "level": "WARNING", "propagate": True},
                "django.server": {"handlers": [], "propagate": True},
            },
        }
    )


def _describe_formatter(form: str, *, shared: tuple[Processor, ...]) -> dict[str, object]:
    endings: tuple[Processor, ...] = (
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    )
    if form == "json":
        endings = (leave_out_words, structlog.processors.JSONRenderer())
    return {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [keep_template, structlog.stdlib.ProcessorFormatter.remove_processors_meta, *endings],
        "foreign_pre_chain": (*shared, structlog.stdlib.ExtraAdder(allow=OWN_EXTRAS)),
    }
