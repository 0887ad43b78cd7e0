"""Who is vouched for by the shop finds what is theirs, and nobody else does."""

import hmac
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import OctKey

from catalog.models import Merchant
from commerce_agent.chat.merchants import find_shop
from commerce_agent.chat.protocol import FrameRefused
from commerce_agent.chat.standing import Standing
from commerce_agent.chat.tickets import PROOF_LIFETIME, grant_proof
from commerce_agent.composition import Platform
from conversations.ids import ConversationId, MerchantId
from conversations.models import AccessRecord, Conversation, DataKey, Shopper
from tests.browser.scenes import CART
from tests.chat.shopper import Frame, Gate
from tests.chat.shopper import Shopper as Person
from tests.chat.signing import claim, compact, give_key, sign


def make_handle() -> str:
    return f"{uuid.uuid4()}{uuid.uuid4()}"


async def identify(person: Person, token: str, **fields: Any) -> Frame:
    """Sends a token and answers the welcome that follows."""
    await person.send(t="identify", cid=str(uuid.uuid4()), jwt=token, **fields)
    return await person.expect("welcome")


async def refuse(person: Person, token: str) -> str:
    """The code with which a token is refused."""
    await person.send(t="identify", cid="identify-1", jwt=token)
    error = await person.expect("error")
    assert error["cid"] == "identify-1"
    return str(error["code"])


def get_only(merchant: Merchant) -> Conversation:
    return Conversation.objects.get(merchant_id=merchant.pk)


async def test_an_anonymous_conversation_becomes_the_shoppers(gate: Gate, merchant: Merchant) -> None:
    key, handle = give_key(merchant), make_handle()
    async with gate.open() as person:
        await person.hello(resume=handle)
        await person.say("hello")
        await person.expect("done")
        said = person.durable
        person.frames.clear()

        welcome = await identify(person, sign(key, claim(merchant, name="Ada", tier="gold")))
        await person.expect("done")

    assert (welcome["identified"], welcome["reset"], welcome["conversation"]) == (True, True, True)
    assert welcome["proof"]
    assert person.durable == said
    conversation = get_only(merchant)
    assert conversation.shopper is not None
    assert (conversation.shopper.tier, conversation.own_key) == ("gold", True)
    told = AccessRecord.objects.filter(subject=f"shopper:{conversation.shopper.pk}").order_by("seq")
    assert list(told.values_list("action", flat=True)) == ["shopper.named", "conversation.joined"]


async def test_the_shops_newest_word_of_a_tier_holds_from_the_next_turn_and_is_said(
    gate: Gate, merchant: Merchant
) -> None:
    key = give_key(merchant)
    async with gate.open() as person:
        await person.hello(resume=make_handle())
        await identify(person, sign(key, claim(merchant, tier="silver")))
        await person.say("hello")
        await person.expect("done")
        await identify(person, sign(key, claim(merchant, tier="gold")))
        await person.expect("done")
        person.frames.clear()
        await person.say("what is your return policy?")
        done = await person.expect("done")

    assert "You are gold" in done["text"]
    conversation = get_only(merchant)
    assert conversation.shopper is not None
    assert conversation.shopper.tier == "gold"


async def test_a_handle_alone_does_not_open_a_shoppers_conversation(gate: Gate, merchant: Merchant) -> None:
    key, handle = give_key(merchant), make_handle()
    async with gate.open() as person:
        await person.hello(resume=handle)
        await identify(person, sign(key, claim(merchant)))
        await person.say("my secret")
        await person.expect("done")

    async with gate.open() as thief:
        welcome = await thief.hello(resume=handle)
        ack = await thief.say("what did I say?")

    assert (welcome.get("conversation"), welcome["head"]) == (None, 0)
    assert ack["resume"] != handle
    assert "my secret" not in str(thief.frames)
    assert Conversation.objects.filter(merchant_id=merchant.pk).count() == 2


async def test_the_same_shopper_finds_it_again_with_a_fresh_token(gate: Gate, merchant: Merchant) -> None:
    key, handle = give_key(merchant), make_handle()
    async with gate.open() as person:
        await person.hello(resume=handle)
        await identify(person, sign(key, claim(merchant)))
        await person.say("hello")
        await person.expect("done")

    async with gate.open() as back:
        await back.hello(resume=make_handle())
        welcome = await identify(back, sign(key, claim(merchant)), resume=handle)
        await back.expect("done")

    assert welcome["conversation"] is True
    assert back.durable == person.durable


async def test_a_proof_lasts_over_a_lost_connection_and_not_for_long(
    gate: Gate, merchant: Merchant, platform: Platform
) -> None:
    key, handle = give_key(merchant), make_handle()
    async with gate.open() as person:
        await person.hello(resume=handle)
        proof = (await identify(person, sign(key, claim(merchant))))["proof"]
        await person.say("hello")

    async with gate.open() as again:
        welcome = await again.hello(resume=handle, proof=proof)
    shopper = await platform.conversations.shoppers.find_by_key(
        merchant=MerchantId(str(merchant.pk)), key="C-1"
    )
    assert shopper is not None
    old = grant_proof(
        merchant=merchant.key,
        shopper=shopper.id,
        at=datetime.now(UTC) - PROOF_LIFETIME - timedelta(minutes=1),
    )
    async with gate.open() as late:
        closed = await late.hello(resume=handle, proof=old)

    assert (welcome["conversation"], welcome["identified"]) == (True, True)
    assert (closed.get("conversation"), closed.get("identified")) == (None, None)


async def test_another_shopper_never_gets_the_conversation(gate: Gate, merchant: Merchant) -> None:
    key, handle = give_key(merchant), make_handle()
    async with gate.open() as person:
        await person.hello(resume=handle)
        await identify(person, sign(key, claim(merchant, sub="C-1")))
        await person.say("my secret")
        await person.expect("done")
        person.frames.clear()

        welcome = await identify(person, sign(key, claim(merchant, sub="C-2")), resume=handle)
        await person.say("hello")
        await person.expect("done")

    assert (welcome["identified"], welcome.get("conversation"), welcome["head"]) == (True, None, 0)
    assert "my secret" not in str(person.frames)
    owners = Conversation.objects.filter(merchant_id=merchant.pk).values_list("shopper_id", flat=True)
    assert len(set(owners)) == 2
    assert None not in owners


async def test_the_other_tab_is_shut_out_when_one_signs_in(gate: Gate, merchant: Merchant) -> None:
    key, handle = give_key(merchant), make_handle()
    async with gate.open() as first, gate.open() as second:
        await first.hello(resume=handle)
        await first.say("hello")
        await first.expect("done")
        await second.hello(resume=handle)
        await second.expect("done")

        await identify(first, sign(key, claim(merchant)))

        assert await second.expect_close() == 4012


@pytest.mark.parametrize(
    "frame",
    [
        {"t": "erase", "cid": "erasure-1"},
        {
            "t": "confirm",
            "cid": "confirming-1",
            "proposal": "p1",
            "hash": "0" * 64,
            "token": "0" * 64,
            "decision": "accept",
        },
    ],
    ids=["erase", "confirm"],
)
async def test_the_other_tab_touches_nothing_before_it_has_heard_of_the_sign_in(
    gate: Gate, merchant: Merchant, platform: Platform, frame: dict[str, str]
) -> None:
    shop = MerchantId(str(merchant.pk))
    async with gate.open() as second:
        await second.hello(resume=make_handle())
        await second.say("hello")
        await second.expect("done")
        talk = await Conversation.objects.aget(merchant_id=merchant.pk)
        named = await platform.conversations.shoppers.record(merchant=shop, key="C-1", at=datetime.now(UTC))
        await platform.conversations.owners.join(
            conversation=ConversationId(str(talk.pk)), shopper=named, at=datetime.now(UTC)
        )

        await second.send(**frame)

        assert await second.expect_close() == 4012
    assert not [each for each in second.frames if each["t"] in ("ack", "error")][1:]
    await talk.arefresh_from_db()
    assert talk.erased_at is None


async def test_a_token_serves_one_browser_as_often_as_it_needs(gate: Gate, merchant: Merchant) -> None:
    key, handle = give_key(merchant), make_handle()
    token = sign(key, claim(merchant))
    for _ in range(2):
        async with gate.open() as person:
            await person.hello(resume=handle)
            assert (await identify(person, token))["identified"]

    async with gate.open() as thief:
        await thief.hello(resume=make_handle())
        assert await refuse(thief, token) == "token_spent"
    async with gate.open() as nameless:
        await nameless.hello()
        assert await refuse(nameless, token) == "token_spent"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"aud": "another-shop"}, "token_bad"),
        ({"aud": None}, "token_bad"),
        ({"sub": None}, "token_bad"),
        ({"sub": ""}, "token_bad"),
        ({"jti": None}, "token_bad"),
        ({"exp": None}, "token_bad"),
        ({"exp": float("inf")}, "token_bad"),
        ({"exp": float("nan")}, "token_bad"),
        ({"exp": 0}, "token_expired"),
        ({"nbf": int(time.time()) + 3600}, "token_expired"),
        ({"exp": int(time.time()) + 3600}, "token_too_long"),
    ],
    # Named by hand: the tests that run side by side must have the same names, whatever second they were listed in.
    ids=[
        "another shop",
        "no audience",
        "nobody",
        "blank",
        "no id",
        "no end",
        "never ends",
        "no number",
        "ended",
        "not yet",
        "too long",
    ],
)
async def test_a_token_that_is_amiss_proves_nothing(
    gate: Gate, merchant: Merchant, changes: dict[str, Any], code: str
) -> None:
    key = give_key(merchant)
    async with gate.open() as person:
        await person.hello(resume=make_handle())
        assert await refuse(person, sign(key, claim(merchant, **changes))) == code
        await person.say("hello")

    assert not Shopper.objects.filter(merchant_id=merchant.pk).exists()
    assert get_only(merchant).shopper is None


async def test_only_the_shops_own_good_keys_sign(
    gate: Gate, merchant: Merchant, other_merchant: Merchant
) -> None:
    key, foreign = give_key(merchant), give_key(other_merchant)
    ended = give_key(merchant, name="Old")
    ended.row.ends_at = ended.row.created_at
    ended.row.save()
    claims = claim(merchant)
    none = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJDLTEifQ."
    public = OctKey.import_key(key.row.key_id)
    async with gate.open() as person:
        await person.hello(resume=make_handle())
        for token in (
            sign(foreign, claims),
            sign(ended, claims),
            sign(key, claims)[:-4] + "AAAA",
            jwt.encode({"alg": "HS256", "kid": key.row.key_id}, claims, public),
            none,
            "",
            "....",
            "no token",
        ):
            assert await refuse(person, token) == "token_bad"


@pytest.mark.parametrize("name", ["EdDSA", "Ed25519"])
async def test_a_shop_may_sign_with_a_pair_of_its_own(gate: Gate, merchant: Merchant, name: str) -> None:
    pair = Ed25519PrivateKey.generate()
    pem = pair.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    give_key(merchant, public_key=pem.decode())
    claims = claim(merchant)
    async with gate.open() as person:
        await person.hello(resume=make_handle())
        stranger = Ed25519PrivateKey.generate()
        assert await refuse(person, compact({"alg": name}, claims, stranger.sign)) == "token_bad"
        for secret in (pem, pem.strip()):
            forged = compact(
                {"alg": "HS256"}, claims, lambda said, key=secret: hmac.digest(key, said, "sha256")
            )
            assert await refuse(person, forged) == "token_bad"
        assert (await identify(person, compact({"alg": name}, claims, pair.sign)))["identified"]


async def test_the_cart_comes_along_to_another_browser(
    gate: Gate, merchant: Merchant, platform: Platform
) -> None:
    key = give_key(merchant)
    async with gate.open() as person:
        await person.hello(resume=make_handle())
        await person.say("hello")
        await person.expect("done")
        await identify(person, sign(key, claim(merchant)))
        await platform.conversations.record_arrivals(
            conversation=ConversationId(str(get_only(merchant).pk)), events=(CART,), at=datetime.now(UTC)
        )

    async with gate.open() as elsewhere:
        await elsewhere.hello(resume=make_handle())
        await identify(elsewhere, sign(key, claim(merchant)))
        await elsewhere.say("hello again")
        part = await elsewhere.have("part")

    assert (part["kind"], [line["ref"]["key"] for line in part["lines"]]) == ("cart", ["TEA-1", "KET-1"])


async def test_a_shoppers_key_takes_joined_conversations_with_it(
    gate: Gate, merchant: Merchant, platform: Platform
) -> None:
    key = give_key(merchant)
    async with gate.open() as person:
        await person.hello(resume=make_handle())
        await person.say("hello")
        await identify(person, sign(key, claim(merchant)))

    conversation = get_only(merchant)
    await platform.key_keeper.forget_key(
        merchant=MerchantId(str(merchant.pk)), owner=str(conversation.shopper_id)
    )

    conversation.refresh_from_db()
    assert conversation.erased_at is not None
    owners = DataKey.objects.filter(merchant_id=merchant.pk, destroyed_at__isnull=True)
    assert set(owners.values_list("owner_id", flat=True)) == {merchant.pk}


async def test_an_order_wants_the_shops_word_of_the_last_hour(merchant: Merchant, platform: Platform) -> None:
    begun = datetime.now(UTC)
    clock = [begun]
    shop = find_shop(key=merchant.key)
    assert shop is not None
    standing = Standing(platform=platform, shop=shop, now=lambda: clock[-1])
    await standing.vouch(sign(give_key(merchant), claim(merchant)), holder=make_handle(), cid="identify-1")
    clock.append(begun + PROOF_LIFETIME)
    standing.require_recent(cid="confirm-1", language="en")

    clock.append(begun + PROOF_LIFETIME + timedelta(seconds=1))
    with pytest.raises(FrameRefused) as refusal:
        standing.require_recent(cid="confirm-2", language="de")

    assert (refusal.value.code, refusal.value.cid) == ("vouch_again", "confirm-2")
    assert refusal.value.text.startswith("Bitte melden Sie sich noch einmal im Shop an")
