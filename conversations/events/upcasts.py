"""From a stored shape to the next one. Steps are never changed once a schema was released: journals last."""

from collections.abc import Callable, Mapping

Body = dict[str, object]
"""An event's stored body as plain values; `type` is its dotted kind."""
Upcast = Callable[[Body], Body]


def _describe_tools(body: Body) -> Body:
    """A decision had only the names of its tools."""
    decision = body.get("decision")
    if body.get("type") != "decision.made" or not isinstance(decision, dict):
        return body
    tools = [{"tool": name} for name in decision.get("tools", ())]
    return {**body, "decision": {**decision, "tools": tools}}


UPCASTS: Mapping[int, Upcast | None] = {1: None, 2: _describe_tools}
"""The step from each schema to the next; None where the next one only adds kinds, or fields with a default."""


def list_steps(schema: int, *, to: int) -> tuple[Upcast, ...]:
    """What has to be done to a body of a schema, in order; nothing where it reads as it is."""
    steps = (UPCASTS[number] for number in range(schema, to))
    return tuple(step for step in steps if step is not None)
