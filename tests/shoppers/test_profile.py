"""The profile's laws, and how it is kept: sealed, at its version, one writer after the other."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce_agent.isolation.connections import TellingCursor
from conversations.ids import MerchantId
from conversations.models import AccessRecord, ShopperProfile
from conversations.service import Reader, UnreadableEvent, Whose
from conversations.shoppers import (
    EMPTY,
    Kept,
    Profile,
    Source,
    consent,
    correct,
    drop_expired,
    forget,
    list_usable,
    remember,
    take_down,
)
from tests.shoppers.conftest import NOON, Visitor

READER = Reader(actor="test", purpose="looks")
RANKS: dict[Source, int] = {"inferred": 1, "merchant": 2, "stated": 3}


def make_size(
    value: str,
    *,
    source: Source = "stated",
    at: datetime = NOON,
    topic: str = "boots",
    days: int | None = None,
) -> Kept:
    expires = at + timedelta(days=days) if days else None
    return Kept(id="", kind="size", topic=topic, value=value, source=source, at=at, expires_at=expires)


news = st.builds(
    make_size,
    st.sampled_from(["41", "42", "43"]),
    source=st.sampled_from(sorted(RANKS)),
    at=st.integers(0, 50).map(lambda day: NOON + timedelta(days=day)),
    topic=st.sampled_from(["boots", "Boots", "shirts"]),
)


@given(st.lists(news, max_size=20), st.lists(news, max_size=6))
def test_what_the_shop_has_down_is_taken_once_and_takes_nothing_of_the_shoppers_own(
    said: list[Kept], down: list[Kept]
) -> None:
    told = {each.about: msgspec.structs.replace(each, source="merchant") for each in down}.values()
    before = remember(EMPTY, said, now=NOON)
    after = take_down(before, told, kinds=frozenset({"size"}), now=NOON)

    assert take_down(after, told, kinds=frozenset({"size"}), now=NOON) == after
    own = {kept for kept in before.kept if kept.source == "stated"}
    assert own <= set(after.kept)
    assert {kept.about for kept in after.kept if kept.source == "merchant"} <= {each.about for each in told}


@given(st.lists(news, max_size=20))
def test_of_two_that_differ_the_higher_authority_holds_and_then_the_newer(said: list[Kept]) -> None:
    profile = EMPTY
    for each in said:
        profile = remember(profile, (each,), now=NOON)

    for kept in profile.kept:
        rivals = [each for each in said if each.about == kept.about]
        best = max((RANKS[each.source], each.at) for each in rivals)
        assert (RANKS[kept.source], kept.at) == best or any(
            each.value == kept.value and (RANKS[each.source], each.at) == best for each in rivals
        )
    assert len({kept.about for kept in profile.kept}) == len(profile.kept)
    assert len({kept.id for kept in profile.kept}) == len(profile.kept)
    assert all(each.lost != each.held for each in profile.overruled)


def test_what_gave_way_is_recorded_with_the_rule() -> None:
    profile = remember(EMPTY, (make_size("42"),), now=NOON)
    inferred = remember(profile, (make_size("44", source="inferred", at=NOON + timedelta(days=9)),), now=NOON)
    newer = remember(inferred, (make_size("43", at=NOON + timedelta(days=10)),), now=NOON)
    older = remember(newer, (make_size("40", at=NOON - timedelta(days=1)),), now=NOON)

    assert [kept.value for kept in older.kept] == ["43"]
    assert [(each.lost, each.held, each.rule) for each in older.overruled] == [
        ("44", "42", "authority"),
        ("42", "43", "newer"),
        ("40", "43", "older"),
    ]


def test_what_was_forgotten_is_said_again_but_never_inferred_again() -> None:
    profile = remember(EMPTY, (make_size("42"),), now=NOON)
    gone = forget(profile, ids=[profile.kept[0].id])

    assert remember(gone, (make_size("42", source="inferred"),), now=NOON).kept == ()
    assert [kept.value for kept in remember(gone, (make_size("43"),), now=NOON).kept] == ["43"]


def test_nothing_is_usable_without_consent_or_past_its_end() -> None:
    profile = remember(EMPTY, (make_size("42", days=10), make_size("M", topic="shirts")), now=NOON)
    later = NOON + timedelta(days=11)

    assert len(list_usable(profile, now=NOON, needs_consent=False)) == 2
    assert [kept.value for kept in list_usable(profile, now=later, needs_consent=False)] == ["M"]
    assert list_usable(profile, now=NOON, needs_consent=True) == ()
    assert len(list_usable(consent(profile, given=True, now=NOON), now=NOON, needs_consent=True)) == 2
    refused = consent(profile, given=False, now=NOON)
    assert (refused.kept, list_usable(refused, now=NOON, needs_consent=False)) == ((), ())
    assert [kept.value for kept in drop_expired(profile, now=later).kept] == ["M"]


def test_the_shoppers_own_correction_holds() -> None:
    profile = remember(EMPTY, (make_size("42", source="merchant"),), now=NOON)

    right = correct(profile, id=profile.kept[0].id, value="43", now=NOON)

    assert [(kept.value, kept.source) for kept in right.kept] == [("43", "stated")]
    assert correct(profile, id="m99", value="43", now=NOON) == profile


def get_whose(ada: Visitor) -> Whose:
    assert ada.shopper is not None
    return Whose(merchant=ada.merchant, shopper=ada.shopper)


async def keep(ada: Visitor, kept: Kept) -> Profile:
    return await ada.platform.conversations.profiles.change(
        get_whose(ada),
        lambda profile: remember(profile, (kept,), now=NOON),
        reader=READER,
        fields=("size",),
        at=NOON,
    )


async def test_writers_at_once_lose_nothing_and_versions_have_no_gap(ada: Visitor) -> None:
    made = await asyncio.gather(*(keep(ada, make_size(str(n), topic=f"kind {n}")) for n in range(12)))

    profile = await ada.get_profile()
    assert sorted(each.version for each in made) == list(range(1, 13))
    assert profile.version == 12
    assert sorted(kept.value for kept in profile.kept) == sorted(str(n) for n in range(12))
    assert await keep(ada, make_size("3", topic="kind 3")) == profile


async def test_it_lies_sealed_and_opens_for_nobody_else_nor_at_another_version(ada: Visitor) -> None:
    canary = f"canary-{uuid4().hex}"
    await keep(ada, make_size(canary))
    row = await ShopperProfile.objects.aget(shopper_id=ada.shopper)
    key = ada.platform.conversations.profiles.get_key(get_whose(ada))
    copy = await ada.platform.redis.hgetall(key)
    other = await ada.platform.conversations.shoppers.record(merchant=ada.merchant, key="eve", at=NOON)
    theirs = Whose(merchant=ada.merchant, shopper=other.id)

    assert canary.encode() not in bytes(row.sealed)
    assert canary.encode() not in b"".join(copy.values())
    assert 0 < await ada.platform.redis.ttl(key) <= 300
    await ada.platform.redis.hset(ada.platform.conversations.profiles.get_key(theirs), mapping=copy)
    assert await ada.platform.conversations.profiles.find(theirs) == EMPTY
    await ada.platform.redis.delete(key)
    await ShopperProfile.objects.filter(shopper_id=ada.shopper).aupdate(version=7)
    with pytest.raises(UnreadableEvent):
        await ada.get_profile()


async def test_without_redis_it_is_read_and_written_all_the_same(ada: Visitor) -> None:
    await keep(ada, make_size("42"))
    ada.platform.door.shut()
    await keep(ada, make_size("43", at=NOON + timedelta(days=1)))
    read = await ada.get_profile()
    ada.platform.door.open()

    assert [kept.value for kept in read.kept] == ["43"]


async def test_the_same_shopper_of_another_merchant_has_none(ada: Visitor) -> None:
    await keep(ada, make_size("42"))
    assert ada.shopper is not None
    foreign = Whose(merchant=MerchantId(str(uuid4())), shopper=ada.shopper)

    assert await ada.platform.conversations.profiles.find(foreign) == EMPTY
    changed = await ada.platform.conversations.profiles.change(
        foreign,
        lambda profile: msgspec.structs.replace(profile, consent="given"),
        reader=READER,
        fields=(),
        at=NOON,
    )
    assert changed == EMPTY


async def test_a_shopper_who_is_known_costs_a_turn_no_statement_more(
    ada: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stands in for a time here; `manage.py evaluate apart` measures that."""
    stranger = Visitor(ada.platform, ada.clock, merchant=ada.merchant, shopper=None)
    await keep(ada, make_size("43"))
    asked: list[str] = []
    execute = TellingCursor.execute

    async def note(cursor: TellingCursor, query: Any, *given: Any, **how: Any) -> TellingCursor:
        asked.append(str(query))
        return await execute(cursor, query, *given, **how)

    statements: dict[bool, list[str]] = {}
    for visitor in (stranger, ada):
        await visitor.say("hello")
        with monkeypatch.context() as patched:
            patched.setattr(TellingCursor, "execute", note)
            asked.clear()
            await visitor.say("what is your return policy?")
            statements[visitor is ada] = list(asked)

    assert statements[True] == statements[False]


async def test_a_turn_opens_no_profile_but_to_search_or_where_the_words_ask_for_it(ada: Visitor) -> None:
    """So a profile adds nothing to the other turns: every look into it is on record, and these leave none."""
    await keep(ada, make_size("43"))
    looks = AccessRecord.objects.filter(merchant_id=ada.merchant, action="profile.read")
    await ada.say("I need boots")
    before = await looks.acount()
    assert before == 1

    for said in ("the cheaper one", "what is the return policy on it?", "thanks"):
        await ada.say(said)
    assert await looks.acount() == before

    await ada.say("boots in the same size as last time")
    assert await looks.acount() == before + 1
