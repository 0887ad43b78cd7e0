"""Which Redis the platform runs on: with an older one every message would fail on a command that it does not have."""

from collections.abc import Mapping

LEAST = (6, 2)
"""GETEX came with it. Every Valkey calls itself 7.2.4 at least."""
LEAST_WORDS = "6.2"


def say_too_old(told: Mapping[str, object]) -> str:
    """What is wrong with a server that says this of itself (INFO server); empty where nothing is, or it is not told."""
    version = str(told.get("redis_version", ""))
    numbers = [int(part) for part in version.split(".")[:2] if part.isdigit()]
    if len(numbers) < 2 or tuple(numbers) >= LEAST:
        return ""
    return f"is {version}, and {LEAST_WORDS} is the least that will do"


def say_refused_greeting(error: Exception) -> str:
    """The same by how it refuses the first word that it is sent, which came with Redis 6; empty for other faults."""
    if "HELLO" not in str(error).upper():
        return ""
    return f"is older than 6, and {LEAST_WORDS} is the least that will do"
