"""A value opens for the reader it was sealed for, unchanged, and for nobody else."""

import contextlib
import os
from collections import Counter
from collections.abc import Sequence
from typing import get_args
from uuid import uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY
from typing_extensions import override

from conversations.ids import ConversationId, MerchantId
from conversations.store.boxes import KEY_BYTES, KeyEncryptionKeys, MissingKey, WrongKey
from conversations.store.codec import UnreadableEvent
from conversations.store.sealing import (
    HEAD_BYTES,
    TAG_BYTES,
    Box,
    Identity,
    KeyDestroyed,
    Layer,
    WrongIdentity,
    bind,
)

KEY = os.urandom(KEY_BYTES)
names = st.text(alphabet="abc-", max_size=4)
identities = st.builds(
    Identity,
    merchant=names.map(MerchantId),
    owner=names,
    conversation=names.map(ConversationId),
)
layers: st.SearchStrategy[Layer] = st.sampled_from(get_args(Layer))
places = st.integers(min_value=0, max_value=2**63 - 1)
ME = Identity(
    merchant=MerchantId(str(uuid4())), owner=str(uuid4()), conversation=ConversationId(str(uuid4()))
)


def make_box(
    identity: Identity = ME,
    *,
    number: int = 1,
    key: bytes | None = KEY,
    may_be_plain: bool = False,
    kind: type[Box] = Box,
) -> Box:
    return kind(identity=identity, number=number, key=key, may_be_plain=may_be_plain, refused=Counter())


@given(identities, layers, places, st.binary(max_size=200))
def test_a_value_opens_for_whom_it_was_sealed(
    identity: Identity, layer: Layer, place: int, body: bytes
) -> None:
    stored = make_box(identity).seal(body, layer=layer, place=place)

    assert make_box(identity).open(stored, layer=layer, place=place) == body
    assert len(stored) == HEAD_BYTES + len(body) + TAG_BYTES == len(body) + 37


@given(st.tuples(identities, layers, places), st.tuples(identities, layers, places))
def test_no_other_reader_opens_it(
    writer: tuple[Identity, Layer, int], reader: tuple[Identity, Layer, int]
) -> None:
    """The names are short and share their letters: were they only strung together, some would be alike."""
    if writer == reader:
        return
    stored = make_box(writer[0]).seal(b"mine", layer=writer[1], place=writer[2])

    with pytest.raises(WrongIdentity):
        make_box(reader[0]).open(stored, layer=reader[1], place=reader[2])


@pytest.mark.parametrize("field", Identity.__struct_fields__)
def test_each_part_of_the_identity_counts(field: str) -> None:
    box, stored = make_box(), make_box().seal(b"mine", layer="journal", place=7)
    other = make_box(msgspec.structs.replace(ME, **{field: str(uuid4())}))
    before = REGISTRY.get_sample_value("commerce_aad_failures_total", {"layer": "journal"}) or 0

    with pytest.raises(WrongIdentity) as refused:
        other.open(stored, layer="journal", place=7)

    assert (refused.value.layer, refused.value.conversation) == ("journal", other.identity.conversation)
    assert other._refused == Counter(journal=1)
    assert REGISTRY.get_sample_value("commerce_aad_failures_total", {"layer": "journal"}) == before + 1
    assert box.open(stored, layer="journal", place=7) == b"mine"


@pytest.mark.parametrize(("layer", "place"), [("projection", 7), ("journal", 8)])
def test_another_layer_or_place_does_not_open_it(layer: Layer, place: int) -> None:
    stored = make_box().seal(b"mine", layer="journal", place=7)

    with pytest.raises(WrongIdentity):
        make_box().open(stored, layer=layer, place=place)


@given(st.lists(st.binary(max_size=50), max_size=6), places.filter(lambda place: place < 2**62))
def test_a_row_is_sealed_each_for_its_own_place(bodies: list[bytes], first: int) -> None:
    row = make_box().seal_row(bodies, layer="journal", first=first)

    opened = [
        make_box().open(one, layer="journal", place=place) for place, one in enumerate(row, start=first)
    ]
    assert opened == bodies
    assert len({one[:HEAD_BYTES] for one in row}) == len(bodies)
    for place, one in enumerate(row, start=first):
        with pytest.raises(WrongIdentity):
            make_box().open(one, layer="journal", place=place + 1)


class Forgetful(Box):
    """Leaves one part of the identity out of what a value is bound to."""

    left_out = "merchant"

    @override
    def _bound(self, *, layer: Layer, place: int) -> bytes:
        parts = {**msgspec.structs.asdict(self.identity), "layer": layer, "place": str(place)}
        return bind(*(str(value).encode() for name, value in parts.items() if name != self.left_out))


class Strung(Box):
    """Strings the parts together without their lengths."""

    @override
    def _bound(self, *, layer: Layer, place: int) -> bytes:
        return "".join([*msgspec.structs.asdict(self.identity).values(), layer, str(place)]).encode()


PLANTED = [
    *(
        type(f"Without{left_out}", (Forgetful,), {"left_out": left_out})
        for left_out in (*Identity.__struct_fields__, "layer", "place")
    ),
    Strung,
]


READERS = [
    Identity(merchant=MerchantId(merchant), owner=owner, conversation=ConversationId(conversation))
    for merchant, owner, conversation in (
        ("a", "bc", "d"),
        ("ab", "c", "d"),
        ("x", "bc", "d"),
        ("a", "y", "d"),
        ("a", "bc", "z"),
    )
]


def count_confusions(make: type[Box], *, layers: Sequence[Layer]) -> int:
    """How many values open for a reader, in a layer or at a place that they were not sealed for."""
    asked = [(reader, layer, place) for reader in READERS for layer in layers for place in (1, 2)]
    confused = 0
    for writer, layer, place in asked:
        stored = make_box(writer, kind=make).seal(b"mine", layer=layer, place=place)
        for other in asked:
            with contextlib.suppress(WrongIdentity):
                make_box(other[0], kind=make).open(stored, layer=other[1], place=other[2])
                confused += other != (writer, layer, place)
    return confused


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.__name__)
def test_the_checks_see_a_value_that_is_bound_wrongly(planted: type[Box]) -> None:
    """What the tests above ask of every pair of readers fails for each way to bind too little."""
    assert count_confusions(planted, layers=("journal", "projection")) > 0


def test_a_value_that_is_bound_rightly_is_never_confused() -> None:
    assert count_confusions(Box, layers=get_args(Layer)) == 0


def test_parts_are_bound_with_their_lengths() -> None:
    assert bind(b"ab", b"c") != bind(b"a", b"bc") != bind(b"abc") != bind(b"abc", b"")


def test_changing_any_byte_is_noticed() -> None:
    stored = make_box().seal(b"ten for the blue ones", layer="journal", place=1)

    for at in range(len(stored)):
        for flipped in (1, 128):
            changed = stored[:at] + bytes([stored[at] ^ flipped]) + stored[at + 1 :]
            with pytest.raises(WrongIdentity):
                make_box().open(changed, layer="journal", place=1)
    for length in range(len(stored)):
        with pytest.raises(WrongIdentity):
            make_box().open(stored[:length], layer="journal", place=1)


def test_the_same_body_is_never_sealed_alike() -> None:
    assert len({make_box().seal(b"yes", layer="journal", place=1) for _ in range(100)}) == 100


def test_an_event_in_the_clear_is_believed_only_where_there_may_be_one() -> None:
    plain = b'{"type":"search.made","query":"shoes"}'

    assert make_box(may_be_plain=True).open(plain, layer="journal", place=1) == plain
    for box, layer in ((make_box(), "journal"), (make_box(may_be_plain=True), "projection")):
        with pytest.raises(WrongIdentity):
            box.open(plain, layer=layer, place=1)  # type: ignore[arg-type]


def test_without_its_key_nothing_opens_or_is_sealed() -> None:
    stored = make_box().seal(b"mine", layer="journal", place=1)
    erased = make_box(key=None)

    with pytest.raises(
        KeyDestroyed, match="was erased, or was quiet for longer than talks are kept: open another one"
    ):
        erased.open(stored, layer="journal", place=1)
    with pytest.raises(KeyDestroyed):
        erased.seal(b"mine", layer="journal", place=2)
    with pytest.raises(KeyDestroyed):
        erased.seal_row([b"mine"], layer="journal", first=2)
    assert issubclass(KeyDestroyed, UnreadableEvent)
    assert issubclass(WrongIdentity, UnreadableEvent)


def test_a_data_key_unwraps_for_its_owner_under_its_version() -> None:
    first, second = os.urandom(32), os.urandom(32)
    mine = {"merchant": MerchantId("m"), "owner": "o"}
    wrapped = KeyEncryptionKeys(keys={1: first}).wrap(KEY, **mine)  # type: ignore[arg-type]
    both = KeyEncryptionKeys(keys={1: first, 2: second})

    assert both.newest == 2
    assert both.unwrap(wrapped, version=1, **mine) == KEY  # type: ignore[arg-type]
    with pytest.raises(WrongKey):
        both.unwrap(wrapped, version=2, **mine)  # type: ignore[arg-type]
    with pytest.raises(WrongKey):
        both.unwrap(wrapped, version=1, merchant=MerchantId("m"), owner="p")
    with pytest.raises(WrongKey):
        both.unwrap(wrapped, version=1, merchant=MerchantId("n"), owner="o")
    with pytest.raises(MissingKey, match="Key-encryption key 1 is not in KEY_ENCRYPTION_KEYS"):
        KeyEncryptionKeys(keys={2: second}).unwrap(wrapped, version=1, **mine)  # type: ignore[arg-type]
