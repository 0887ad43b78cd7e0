"""The slice of state that knows which items the conversation is about."""

from conversations.entities.slice import (
    Entities,
    EntityEvent,
    Known,
    Showing,
    apply_entities,
    cool_entities,
)

__all__ = ["Entities", "EntityEvent", "Known", "Showing", "apply_entities", "cool_entities"]
