"""Who is vouched for by the shop finds what is theirs, and nobody else does."""

import hmac
import json
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Callable
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
from commerce_agent.identity.tokens import IdentityTokens, TokenRefused
from conversations.ids import ConversationId, MerchantId
from conversations.models import AccessRecord, Conversation, DataKey, Shopper
from tests.browser.scenes import CART
from tests.chat.shopper import Frame, Gate
from tests.chat.shopper import Shopper as Person
from tests.chat.signing import claim, give_key, sign


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


def compact(header: dict[str, Any], claims: dict[str, Any], make: Callable[[bytes], bytes]) -> str:
    """A token as its bytes are, whatever a library thinks of it."""

    def pack(octets: bytes) -> str:
        return urlsafe_b64encode(octets).rstrip(b"=").decode()

    signed = f"{pack(json.dumps(header).encode())}.{pack(json.dumps(claims).encode())}"
    return f"{signed}.{pack(make(signed.encode()))}"


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


STRANGE_HEADERS: dict[str, dict[str, Any]] = {
    "none": {"alg": "none"},
    "None": {"alg": "None"},
    "no algorithm": {"typ": "JWT"},
    "a list": {"alg": ["HS256"]},
    "another length": {"alg": "HS384"},
    "must be understood": {"alg": "HS256", "crit": ["exp"], "exp": 1},
    "not encoded": {"alg": "HS256", "crit": ["b64"], "b64": False},
    "a key of the sender's": {"alg": "HS256", "jwk": {"kty": "oct", "k": "AAAA"}},
    "a key from elsewhere": {
        "alg": "HS256",
        "jku": "https://evil.example/keys",
        "x5u": "https://evil.example",
    },
    "an odd name": {"alg": "HS256", "kid": "../../dev/null"},
    "no name": {"alg": "HS256", "kid": None},
}


@pytest.mark.parametrize("header", STRANGE_HEADERS.values(), ids=STRANGE_HEADERS)
async def test_a_header_chooses_neither_how_nor_with_what_a_token_is_checked(
    merchant: Merchant, platform: Platform, header: dict[str, Any]
) -> None:
    """Signed with nothing, with what the header itself brings, or with the names that it gives to our keys."""
    key = give_key(merchant)
    tokens, at = IdentityTokens(pool=platform.pool), datetime.now(UTC)
    for secret in (b"", b"\x00\x00\x00", key.row.key_id.encode()):
        forged = compact(
            {"kid": key.row.key_id, **header},
            claim(merchant),
            lambda said, secret=secret: hmac.digest(secret, said, "sha256") if secret else b"",
        )
        with pytest.raises(TokenRefused) as refused:
            await tokens.require_vouched(
                forged, merchant=MerchantId(str(merchant.pk)), audience=merchant.key, at=at
            )
        assert refused.value.reason == "token_bad"
    await key.row.arefresh_from_db()
    assert key.row.last_used_at is None
    assert not await Shopper.objects.filter(merchant_id=merchant.pk).aexists()


@pytest.mark.parametrize(
    "header", [b"[]", b'"HS256"', b"null", b"\xff\xfe", b"[" * 20_000, b'{"alg":"HS256","alg":"none"}', b""]
)
async def test_a_header_that_is_none_is_refused_as_any_other(
    merchant: Merchant, platform: Platform, header: bytes
) -> None:
    packed = urlsafe_b64encode(header).rstrip(b"=").decode()
    token = f"{packed}.{sign(give_key(merchant), claim(merchant)).split('.', 1)[1]}"

    with pytest.raises(TokenRefused) as refused:
        await IdentityTokens(pool=platform.pool).require_vouched(
            token, merchant=MerchantId(str(merchant.pk)), audience=merchant.key, at=datetime.now(UTC)
        )

    assert refused.value.reason == "token_bad"


async def test_neither_key_opens_what_says_that_the_other_signed_it(
    merchant: Merchant, platform: Platform
) -> None:
    """The public half of a pair is no secret, whichever name of a key stands beside it."""
    pair, secret = Ed25519PrivateKey.generate(), give_key(merchant)
    pem = pair.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    raw = pair.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    public = give_key(merchant, public_key=pem.decode())
    tokens, claims = IdentityTokens(pool=platform.pool), claim(merchant)
    for name in (public.row.key_id, secret.row.key_id):
        for known in (pem, raw, raw.hex().encode()):
            forged = compact(
                {"alg": "HS256", "kid": name},
                claims,
                lambda said, known=known: hmac.digest(known, said, "sha256"),
            )
            with pytest.raises(TokenRefused, match="not signed"):
                await tokens.require_vouched(
                    forged,
                    merchant=MerchantId(str(merchant.pk)),
                    audience=merchant.key,
                    at=datetime.now(UTC),
                )
    crossed = compact({"alg": "EdDSA", "kid": secret.row.key_id}, claims, pair.sign)
    with pytest.raises(TokenRefused, match="not signed"):
        await tokens.require_vouched(
            crossed, merchant=MerchantId(str(merchant.pk)), audience=merchant.key, at=datetime.now(UTC)
        )


@pytest.mark.parametrize(
    ("times", "reason"),
    [
        ({"exp": -29}, None),
        ({"exp": -31}, "token_expired"),
        ({"exp": 929}, None),
        ({"exp": 931}, "token_too_long"),
        ({"exp": 600, "nbf": 29, "iat": 29}, None),
        ({"exp": 600, "nbf": 31}, "token_expired"),
        ({"exp": 600, "iat": 31}, "token_expired"),
    ],
    ids=["late", "too late", "long", "too long", "early", "too early", "not signed yet"],
)
async def test_clocks_may_differ_by_half_a_minute_and_no_more(
    merchant: Merchant, platform: Platform, times: dict[str, int], reason: str | None
) -> None:
    """Seconds from our now; a token lasts a quarter of an hour at most."""
    now = datetime.now(UTC).replace(microsecond=0)
    told = {name: int(now.timestamp()) + seconds for name, seconds in times.items()}
    token = sign(give_key(merchant), claim(merchant, **told))
    asked = IdentityTokens(pool=platform.pool).require_vouched(
        token, merchant=MerchantId(str(merchant.pk)), audience=merchant.key, at=now
    )
    if reason is None:
        assert (await asked).key == "C-1"
        return
    with pytest.raises(TokenRefused) as refused:
        await asked
    assert refused.value.reason == reason


async def test_a_token_that_was_spent_is_so_for_as_long_as_it_is_taken(
    merchant: Merchant, platform: Platform
) -> None:
    """The row that says so goes only when the token is past its end and its leeway, and it is the shop's own."""
    tokens, shop = IdentityTokens(pool=platform.pool), MerchantId(str(merchant.pk))
    now = datetime.now(UTC)
    token = sign(give_key(merchant), claim(merchant))
    vouched = await tokens.require_vouched(token, merchant=shop, audience=merchant.key, at=now)
    await tokens.spend(vouched, merchant=shop, holder="first", at=now)
    last = vouched.expires_at + timedelta(seconds=29)
    assert (await tokens.require_vouched(token, merchant=shop, audience=merchant.key, at=last)).key == "C-1"

    for at in (now, last):
        with pytest.raises(TokenRefused) as refused:
            await tokens.spend(vouched, merchant=shop, holder="second", at=at)
        assert refused.value.reason == "token_spent"
    await tokens.spend(vouched, merchant=shop, holder="first", at=last)


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
