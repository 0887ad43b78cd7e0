"""How log lines look: one stream for the code's structured events and the libraries' own lines."""

import logging.config
from collections.abc import Mapping

import structlog
from structlog.typing import Processor

# Local variables hold what shoppers said; a log never does.
_TRACEBACKS = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)


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
    endings: tuple[Processor, ...] = (
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    )
    if choice["format"] == "json":
        endings = (_TRACEBACKS, structlog.processors.JSONRenderer())
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *endings],
        "foreign_pre_chain": shared,
    }
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"lines": formatter},
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
