"""The ticket that a widget frame carries to the socket: signed, short-lived, good for one merchant.

The socket cannot see on which site it is embedded: its origin is always ours. `frame-ancestors` decides who
may embed the frame, and the ticket proves that the socket was opened by a frame that was handed out.

`frame-ancestors` decides who embeds; the socket's origin cannot. A frame's origin is ours wherever it is embedded,
so the socket demands exactly our own host and a signed ticket (one hour). A ticket proves that a frame was handed
out; it is not a secret, and nothing private can be reached with one alone.
"""

import secrets
from datetime import datetime, timedelta

import msgspec
from django.core import signing

from commerce_agent.decoding import convert
from conversations.ids import ShopperId

TICKET_LIFETIME = timedelta(hours=1)
PROOF_LIFETIME = timedelta(hours=1)
"""After so long the shop has to vouch for its shopper again, before they see what they said or confirm anything."""
_SALT = "commerce_agent.chat.ticket"
_PROOF_SALT = "commerce_agent.chat.proof"


class TicketRefused(Exception):
    """No socket is opened on this ticket; load the frame again for a new one."""


class TicketForged(TicketRefused):
    """The ticket was not signed here; load the frame again for a new one."""


class TicketExpired(TicketRefused):
    """The ticket is genuine but too old, or of another release; fetch a new one and say hello again."""


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a shop has vouched for, and when."""

    merchant: str
    shopper: ShopperId
    at: datetime


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """For which merchant the frame was handed out."""

    merchant: str
    """The merchant's public key, as in `data-key`."""
    nonce: str


def grant_ticket(*, merchant: str) -> str:
    """Answers a new ticket for the merchant with this key. It is no JSON: every shopper downloads one."""
    return signing.TimestampSigner(salt=_SALT).sign(f"{secrets.token_urlsafe(9)}.{merchant}")


def require_ticket(text: str) -> Ticket:
    """Answers what the ticket says.

    Raises:
        TicketForged: it was not signed here.
        TicketExpired: it is older than `TICKET_LIFETIME`, or its content is not what is written here.
    """
    try:
        granted = signing.TimestampSigner(salt=_SALT).unsign(text, max_age=TICKET_LIFETIME)
    except signing.SignatureExpired as error:
        raise TicketExpired("The ticket is too old; fetch a new one.") from error
    except signing.BadSignature as error:
        raise TicketForged("The ticket was not signed here; load the frame again.") from error
    nonce, _, merchant = granted.partition(".")
    if not merchant:
        raise TicketExpired("The ticket is another release's; fetch a new one.")
    return Ticket(merchant=merchant, nonce=nonce)


def grant_proof(*, merchant: str, shopper: ShopperId, at: datetime) -> str:
    """Answers what a page keeps in memory, so that a lost connection does not need another token of the shop's."""
    proof = Proof(merchant=merchant, shopper=shopper, at=at)
    return signing.dumps(msgspec.to_builtins(proof), salt=_PROOF_SALT)


def find_proof(text: str, *, merchant: str, at: datetime) -> Proof | None:
    """Answers what it proves; None for one that is another shop's, too old, or not from here."""
    try:
        proof = convert(signing.loads(text, salt=_PROOF_SALT), Proof)
    except (signing.BadSignature, msgspec.ValidationError):
        return None
    return proof if proof.merchant == merchant and at - proof.at <= PROOF_LIFETIME else None
