"""The clock is handed in, never read: a scripted conversation stops it, a turn reads it once."""

from collections.abc import Callable
from datetime import datetime

Clock = Callable[[], datetime]
"""Answers the present instant, aware, in UTC."""
