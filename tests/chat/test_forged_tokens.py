"""Tokens that somebody who is not the shop has made, or that come too early, too late or twice, prove nothing."""

import hmac
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from catalog.models import Merchant
from commerce_agent.composition import Platform
from commerce_agent.identity.tokens import IdentityTokens, TokenRefused
from conversations.ids import MerchantId
from conversations.models import Shopper
from tests.chat.signing import claim, compact, give_key, sign

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
