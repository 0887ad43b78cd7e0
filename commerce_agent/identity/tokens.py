"""Tokens by which a shop vouches for who its shopper is: a JWT, signed, short-lived, for one browser once."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
import structlog
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwa import JWSAlgModel
from joserfc.jwk import OctKey, OKPKey
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool
from typing_extensions import override

from catalog.connectors.sealing import SecretUnreadable
from commerce_agent.decoding import convert
from commerce_agent.identity.keys import IDENTITY_KEYS, BadPublicKey, read_public_key
from conversations.ids import MerchantId

MOST_LIFETIME = timedelta(minutes=15)
LEEWAY = timedelta(seconds=30)
"""Shops' clocks and ours differ by so much at most."""
ALGORITHMS = {"HS256": "HS256", "EdDSA": "EdDSA", "Ed25519": "EdDSA"}
"""What a token may say it is signed with, and which of our keys that is. RFC 9864 gave the second its third name."""

_GOOD = """
SELECT key_id, sealed_secret, public_key FROM commerce_agent_identitykey
WHERE merchant_id = %(merchant)s AND (ends_at IS NULL OR ends_at > %(at)s) AND algorithm = %(algorithm)s
  AND (%(key)s = '' OR key_id = %(key)s)
"""
_USED = """
UPDATE commerce_agent_identitykey SET last_used_at = date_trunc('minute', %(at)s::timestamptz)
WHERE key_id = %(key)s AND (last_used_at IS NULL OR last_used_at < date_trunc('minute', %(at)s::timestamptz))
"""
_SPEND = """
WITH gone AS (DELETE FROM commerce_agent_spenttoken WHERE merchant_id = %(merchant)s AND expires_at < %(at)s)
INSERT INTO commerce_agent_spenttoken AS spent (merchant_id, digest, holder, expires_at)
VALUES (%(merchant)s, %(digest)s, %(holder)s, %(expires)s)
ON CONFLICT (merchant_id, digest) DO UPDATE SET holder = spent.holder RETURNING holder
"""

log = structlog.get_logger(__name__)

Reason = Literal["token_bad", "token_expired", "token_too_long", "token_spent"]
_TEXTS: dict[Reason, str] = {
    "token_bad": "The token was not signed with a key of this shop, or a claim is missing: it needs sub, aud (the"
    " shop's key), exp and jti.",
    "token_expired": "The token has run out, or is not valid yet: sign one for each page.",
    "token_too_long": "The token is valid for more than 15 minutes: sign one for each page.",
    "token_spent": "Another browser has brought this token already: sign one for each page, with a jti of its own.",
}


class TokenRefused(Exception):
    """The token proves nothing here. The shop's developer must sign another; the message says what is amiss."""

    def __init__(self, *, reason: Reason) -> None:
        super().__init__(_TEXTS[reason])
        self.reason = reason


class Vouched(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a genuine token names."""

    key: str
    """The shop's own customer key."""
    name: str
    tier: str | None
    jti: str
    expires_at: datetime


Instant = Annotated[float, msgspec.Meta(ge=0, le=1e11)]
"""Seconds since 1970; neither infinite nor no number at all."""


class _Claims(msgspec.Struct, frozen=True, kw_only=True):
    sub: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    aud: str | tuple[str, ...]
    exp: Instant
    jti: Annotated[str, msgspec.Meta(min_length=8, max_length=200)]
    nbf: Instant = 0
    iat: Instant = 0
    name: Annotated[str, msgspec.Meta(max_length=120)] = ""
    tier: Annotated[str, msgspec.Meta(max_length=40)] | None = None


class _Key(NamedTuple):
    key_id: str
    sealed_secret: bytes
    public_key: str


class _Signatures(jws.JWSRegistry):
    """Takes `EdDSA`, which is what shops' libraries write, for what RFC 9864 calls `Ed25519`."""

    @override
    def get_alg(self, name: str) -> JWSAlgModel:
        return super().get_alg("Ed25519" if name == "EdDSA" else name)


class IdentityTokens:
    """Reads tokens with the shop's keys and remembers which were brought."""

    def __init__(self, *, pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]]) -> None:
        self._pool = pool

    async def require_vouched(
        self, token: str, *, merchant: MerchantId, audience: str, at: datetime
    ) -> Vouched:
        """Whom the token names. Raises `TokenRefused`; the token is not spent yet."""
        algorithm, key_id = _read_header(token)
        keys = await self._list_keys(merchant=merchant, algorithm=algorithm, key_id=key_id, at=at)
        signed = (
            (key, claims) for key in keys if (claims := _find_claims(token, key=key, merchant=merchant))
        )
        key, claims = next(signed, (None, None))
        if key is None or claims is None or audience not in _list_audiences(claims):
            raise TokenRefused(reason="token_bad")
        _check_times(claims, at=at)
        async with self._pool.connection() as connection:
            await connection.execute(_USED, {"key": key.key_id, "at": at})
        return Vouched(
            key=claims.sub,
            name=claims.name,
            tier=claims.tier,
            jti=claims.jti,
            expires_at=datetime.fromtimestamp(claims.exp, tz=UTC),
        )

    async def spend(self, vouched: Vouched, *, merchant: MerchantId, holder: str, at: datetime) -> None:
        """Keeps the token for whoever brings it first; they may bring it again, after a lost connection or a reload.

        `holder` is known to that browser alone. Raises `TokenRefused` for anybody else.
        """
        holds = _digest(holder)
        values = {
            "merchant": merchant,
            "digest": _digest(vouched.jti),
            "holder": holds,
            "expires": vouched.expires_at + LEEWAY,
            "at": at,
        }
        async with self._pool.connection() as connection:
            row = await (await connection.execute(_SPEND, values)).fetchone()
        if row is None or row[0] != holds:
            raise TokenRefused(reason="token_spent")

    async def _list_keys(
        self, *, merchant: MerchantId, algorithm: str, key_id: str, at: datetime
    ) -> list[_Key]:
        values = {"merchant": merchant, "algorithm": algorithm, "key": key_id, "at": at}
        async with self._pool.connection() as connection:
            cursor = await connection.execute(_GOOD, values)
            return [_Key(row[0], bytes(row[1]), row[2]) async for row in cursor]


def _read_header(token: str) -> tuple[str, str]:
    """The algorithm and the key's id, as the token claims them; nothing of it is believed yet."""
    try:
        header = jws.extract_compact(token.encode()).headers()
    except (JoseError, ValueError, RecursionError) as error:
        raise TokenRefused(reason="token_bad") from error
    algorithm, key_id = header.get("alg"), header.get("kid", "")
    # A list is no word, nor is it any question whether it is among the names.
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS or not isinstance(key_id, str):
        raise TokenRefused(reason="token_bad")
    return ALGORITHMS[algorithm], key_id


def _find_key(key: _Key, *, merchant: MerchantId) -> OctKey | OKPKey | None:
    try:
        if key.public_key:
            return read_public_key(key.public_key)
        secret = IDENTITY_KEYS.open_secret(key.sealed_secret, merchant=merchant, key_id=key.key_id)
        return OctKey.import_key(secret)
    except (SecretUnreadable, BadPublicKey) as fault:
        log.warning("identity.key_unreadable", key=key.key_id, kind=type(fault).__name__)
        return None


def _find_claims(token: str, *, key: _Key, merchant: MerchantId) -> _Claims | None:
    """The claims of a token that this very key has signed, with the one algorithm it is for."""
    opened = _find_key(key, merchant=merchant)
    registry = _Signatures(algorithms=["HS256" if isinstance(opened, OctKey) else "Ed25519"])
    if opened is None:
        return None
    try:
        return convert(jwt.decode(token, opened, registry=registry).claims, _Claims)
    except (JoseError, msgspec.ValidationError, ValueError):
        return None


def _list_audiences(claims: _Claims) -> tuple[str, ...]:
    return (claims.aud,) if isinstance(claims.aud, str) else claims.aud


def _check_times(claims: _Claims, *, at: datetime) -> None:
    now, leeway, most = at.timestamp(), LEEWAY.total_seconds(), MOST_LIFETIME.total_seconds()
    if claims.exp <= now - leeway or max(claims.nbf, claims.iat) > now + leeway:
        raise TokenRefused(reason="token_expired")
    if claims.exp > now + most + leeway:
        raise TokenRefused(reason="token_too_long")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
