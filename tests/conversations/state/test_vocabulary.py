"""The vocabulary is closed: every kind that a conversation needs is there, frozen, and under a name of its own."""

from typing import get_args

import msgspec
import pytest

from conversations.events import Event
from conversations.events.constraints import Scope
from conversations.store.codec import get_kind

NEEDED = {
    "messages": {"shopper.spoke", "reply.given"},
    "entities": {"entities.introduced", "entities.mentioned", "reference.resolved", "entities.focused"},
    "constraints": {"constraint.stated", "constraint.superseded", "constraint.withdrawn"},
    "facts": {"facts.observed", "facts.cited", "fact.superseded"},
    "tools called": {"tool.called"},
    "decisions": {"decision.made"},
    "proposals and their outcomes": {"proposal.made", "proposal.resolved", "proposal.doubted"},
    "notices": {"notice.given"},
    "handoff": {"handoff.requested", "handoff.ended"},
    "degraded and recovered": {"service.degraded", "service.recovered"},
}


@pytest.mark.parametrize("about", NEEDED)
def test_what_a_conversation_needs_has_a_kind(about: str) -> None:
    assert NEEDED[about] <= {get_kind(kind) for kind in get_args(Event)}


def test_every_kind_is_frozen_and_has_a_name_of_its_own() -> None:
    kinds = get_args(Event)

    assert all(issubclass(kind, msgspec.Struct) and kind.__struct_config__.frozen for kind in kinds)
    assert len({get_kind(kind) for kind in kinds}) == len(kinds)


def test_a_term_holds_for_an_item_a_search_or_always() -> None:
    assert set(get_args(Scope)) == {"item", "search", "always"}
