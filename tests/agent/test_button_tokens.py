"""The token of a button is bound to merchant, shopper, conversation, proposal and hash, to each by itself."""

from datetime import timedelta
from decimal import Decimal

import msgspec
import pytest

from commerce_agent.agent.ordering.pressing import ButtonTokens
from conversations.events.carts import Proposal
from conversations.events.facts import Amount
from conversations.ids import ConversationId, MerchantId, ShopperId
from conversations.state import ConversationState
from conversations.transcript import Transcript
from tests.agent.conftest import NOW

TOKENS = ButtonTokens(secret="of this installation")


class Button(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a token is bound to."""

    merchant: str = "merchant-1"
    shopper: str | None = "shopper-1"
    conversation: str = "conversation-1"
    proposal: str = "p1"
    hash: str = "a" * 64

    @property
    def state(self) -> ConversationState:
        shopper = None if self.shopper is None else ShopperId(self.shopper)
        return ConversationState(transcript=Transcript(merchant=MerchantId(self.merchant), shopper=shopper))

    @property
    def offered(self) -> Proposal:
        return Proposal(
            id=self.proposal,
            hash=self.hash,
            lines=(),
            total=Amount(amount=Decimal(80), currency="EUR"),
            expires_at=NOW + timedelta(minutes=15),
        )

    def make_token(self, tokens: ButtonTokens = TOKENS) -> str:
        return tokens.make(
            conversation=ConversationId(self.conversation), state=self.state, proposal=self.offered
        )

    def takes(self, token: str) -> bool:
        return TOKENS.is_genuine(
            token, conversation=ConversationId(self.conversation), state=self.state, proposal=self.offered
        )


@pytest.mark.parametrize("field", Button.__struct_fields__)
def test_the_same_button_of_another_is_another_button(field: str) -> None:
    mine = Button()
    theirs = msgspec.structs.replace(mine, **{field: "another"})

    assert mine.takes(mine.make_token())
    assert theirs.takes(theirs.make_token())
    assert not theirs.takes(mine.make_token())
    assert not mine.takes(theirs.make_token())


def test_nobody_in_particular_is_not_everybody() -> None:
    nobody = Button(shopper=None)

    assert nobody.takes(nobody.make_token())
    assert not nobody.takes(Button().make_token())
    assert not Button().takes(nobody.make_token())


def test_what_ends_one_name_does_not_begin_the_next() -> None:
    mine, theirs = Button(merchant="m1", shopper="2"), Button(merchant="m", shopper="12")

    assert not theirs.takes(mine.make_token())


def test_a_token_of_another_installation_is_none() -> None:
    mine = Button()

    assert not mine.takes(mine.make_token(ButtonTokens(secret="of another installation")))
