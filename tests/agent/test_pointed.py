"""What a message replies to is what it is about, whatever the talk did between the message and its turn."""

from uuid import uuid4

from commerce_agent.composition import Platform
from conversations.entities.slice import HOT_ENTITIES
from conversations.events.entities import EntitiesFocused, EntitiesShown, Entity
from conversations.ids import ClientMessageId, EntityRef
from tests.agent.conftest import NOW
from tests.agent.talking import find_reply, list_cards, open_talk, say

OTHERS = tuple(
    Entity(ref=EntityRef("variant", f"OTHER-{number}"), name=f"Other {number}")
    for number in range(HOT_ENTITIES + 1)
)


async def test_what_came_up_long_ago_is_meant_though_a_turn_was_running(
    platform: Platform, lamp_shop: str
) -> None:
    talk, service = await open_talk(platform, merchant=lamp_shop), platform.conversations
    assert "BRIM-Y" in list_cards(await say(platform, talk, "show me lamps"))
    left = EntitiesFocused(refs=(OTHERS[0].ref,))
    shown = (EntitiesShown(entities=OTHERS), left)
    await service.record_arrivals(conversation=talk, events=shown, at=NOW)
    await say(platform, talk, "thank you")
    before = await service.load(conversation=talk)
    assert "BRIM-Y" not in before.entities.known

    await service.record_message(
        conversation=talk,
        cid=ClientMessageId(uuid4().hex),
        text="how much is this?",
        about="Brim lamp",
        refs=(EntityRef("variant", "BRIM-Y"),),
        at=NOW,
    )
    # This is how a turn ends that was running when the message came.
    await service.record_arrivals(conversation=talk, events=(left,), at=NOW)
    assert await platform.turns.run(talk) is not None

    recorded = await service.list_events(conversation=talk, after=before.version)
    assert "Brim lamp" in find_reply(tuple(each.event for each in recorded)).text
    after = await service.load(conversation=talk)
    assert [ref.key for ref in after.entities.focus] == ["BRIM-Y"]
