"""Ids as addresses and search fields carry them."""

from uuid import UUID


def find_uuid(text: str) -> UUID | None:
    """The UUID that a text is, if it is one."""
    try:
        return UUID(text.strip())
    except ValueError:
        return None
