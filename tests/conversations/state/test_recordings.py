"""A journal of any schema that was ever released folds to what it meant, for ever."""

from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from uuid import uuid4

import msgspec
import pytest

from commerce_agent.decoding import decode_json
from conversations.events import EVENT_SCHEMA
from conversations.ids import MerchantId
from conversations.service import Conversations
from conversations.state import STATE_SHAPE, ConversationState, fold
from conversations.store.codec import CURRENT_SCHEMA, decode_event, encode_event, get_kind
from tests.conversations.state.recordings import RECORDED, read_lines, read_recording, summarise
from tests.conversations.state.samples import list_kinds
from tests.conversations.state.story import tell
from tests.conversations.state.talking import require_one_truth

RELEASED = {
    1: "a534ad367381c1af04838a9a5e7b8b1a83294e2e59f1bce37dbd5f06b4c3058a",
    2: "c1ae5354e949e94b522d5307a08fc2ad935a6d0f51c3c112f8b02748e1ab6367",
}
"""SHA-256 of the recording of each released schema."""
SHAPE = 6
MEANT = {
    1: "89a650a112e22621635064ac083e212200c34fa6a40db19de7910a688cf5e48e",
    2: "58adc478ed5b8efc8ababfd2e870b6f9f8f4caad052abb51286272aa60ebe01f",
    3: "6ff2e2f47a6b882c2c2be5814f0e3ce96adbdae7ecb466b8c3fbf42525bfd6fc",
}
"""SHA-256 of what each recording is expected to mean, in states of that shape.

Whoever changes either asks first whether a projection in Redis of before would be read wrongly: where the same fields
mean something else, `STATE_SHAPE` is raised. Then both are pinned anew, the number with them.
"""


@pytest.mark.parametrize("schema", EVENT_SCHEMA)
def test_a_recorded_conversation_folds_to_what_it_meant(schema: int) -> None:
    expected = decode_json((RECORDED / f"v{schema}.expected.json").read_bytes())

    state = fold(ConversationState(), read_recording(schema))

    assert msgspec.to_builtins(summarise(state)) == expected


def test_a_released_recording_never_changes() -> None:
    released = {
        schema: sha256((RECORDED / f"v{schema}.jsonl").read_bytes()).hexdigest()
        for schema in EVENT_SCHEMA
        if schema < CURRENT_SCHEMA
    }

    assert released == RELEASED


def test_what_the_recordings_mean_is_pinned_to_the_shape_of_the_state() -> None:
    meant = {
        schema: sha256((RECORDED / f"v{schema}.expected.json").read_bytes()).hexdigest()
        for schema in EVENT_SCHEMA
    }

    assert (STATE_SHAPE, meant) == (SHAPE, MEANT)


@pytest.mark.parametrize("schema", EVENT_SCHEMA)
def test_a_recording_has_every_kind_of_its_time(schema: int) -> None:
    recorded = {get_kind(line.event) for line in read_recording(schema)}

    assert recorded == set((RECORDED / f"v{schema}.kinds.txt").read_text(encoding="utf-8").split())
    assert recorded <= set(list_kinds())


def test_the_newest_recording_has_every_field_of_its_events() -> None:
    for line in read_lines(CURRENT_SCHEMA):
        body = bytes(line.body)
        assert encode_event(decode_event(body, schema=line.schema)) == body, f"seq {line.seq}: record it anew"


def test_the_newest_recording_says_something_in_every_field() -> None:
    """Of a field that stands at its default only a recording that has it proves that it folds: under another name it
    would be at its default again.
    """
    held: dict[tuple[str, str], bool] = {}

    def look(value: object) -> None:
        match value:
            case msgspec.Struct():
                for field in msgspec.structs.fields(value):
                    within = getattr(value, field.name)
                    made = field.default_factory
                    default = field.default if made is msgspec.NODEFAULT else made()
                    if default is not msgspec.NODEFAULT:
                        name = type(value).__name__, field.name
                        held[name] = held.get(name, False) or within != default
                    look(within)
            case tuple():
                for each in value:
                    look(each)

    look(tuple(recorded.event for recorded in read_recording(CURRENT_SCHEMA)))

    assert sorted(name for name, says in held.items() if not says) == [
        ("ConversationOpened", "shopper"),
        ("PersonSpoke", "answers"),
        ("ShopperSpoke", "redacted"),
    ]
    assert len(held) > 100


@pytest.mark.parametrize("schema", EVENT_SCHEMA)
def test_nothing_that_was_recorded_is_lost(schema: int) -> None:
    """A field that goes by another name needs a way up for what was recorded by the old one."""
    for line in read_lines(schema):
        recorded, read = decode_json(line.body), decode_event(bytes(line.body), schema=line.schema)
        lost = Counter(list_said(recorded)) - Counter(list_said(msgspec.to_builtins(read)))
        assert lost == Counter(), f"seq {line.seq} of schema {schema}"


def list_said(value: object) -> Iterator[object]:
    """Each plain value in it that is no field's usual emptiness."""
    match value:
        case dict():
            for within in value.values():
                yield from list_said(within)
        case list() | tuple():
            for within in value:
                yield from list_said(within)
        case _ if value or value is False:
            yield str(value)


async def test_the_same_story_told_today_means_the_same(service: Conversations, merchant: MerchantId) -> None:
    decision = str(uuid4())
    conversation = await tell(service, merchant=merchant, decision=decision)

    told = summarise(await require_one_truth(service, conversation))

    recorded = summarise(fold(ConversationState(), read_recording(CURRENT_SCHEMA)))
    assert told == {**recorded, "decisions": [decision]}
