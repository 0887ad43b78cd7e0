"""The prompt beside the whole history: over a long talk it stays short, and nothing that holds is missing from it."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from commerce_agent.agent.claude.loading import Loaded
from commerce_agent.agent.claude.prompt import assemble
from commerce_agent.agent.shop.settings import AgentSettings
from commerce_agent.agent.summaries.built_in import (
    BUILTIN,
    KEPT_EPISODES,
    find_due,
    list_told,
    merge,
    summarise,
)
from commerce_agent.agent.understanding.understand import understand
from commerce_agent.agent.understanding.understood import ShopWords
from commerce_agent.management.costs.prompt_growth import find_missing, measure_prompts
from conversations.events import Event, Recorded
from conversations.events.carts import CartChanged, CartLine
from conversations.events.constraints import Constraint, ConstraintStated, ConstraintSuperseded
from conversations.events.entities import EntitiesShown, Entity
from conversations.events.facts import Amount, Fact, FactsCited, FactsObserved
from conversations.events.messages import ConversationOpened, ReplyGiven, ShopperSpoke, TurnStarted
from conversations.events.summaries import EpisodeSummarised, MemoryFormed
from conversations.ids import ClientMessageId, EntityRef, MerchantId
from conversations.language.vocabulary import Vocabulary
from conversations.state import ConversationState, apply
from tests.agent.conftest import NOW

TURNS = 100
SHOWN = 4
FIELDS = ("price", "height", "weight")


@pytest.mark.usefixtures("database")
def test_it_stays_short_while_the_history_grows_and_loses_nothing() -> None:
    written = measure_prompts(turns=18)

    assert [each.turn for each in written] == list(range(1, 19))
    assert [name for each in written for name in each.missing] == []
    assert written[-1].checked > written[0].checked
    assert written[17].prompt <= 1.5 * written[14].prompt
    assert written[17].history > written[17].prompt


def test_at_the_hundredth_turn_it_is_no_half_longer_than_at_the_fifteenth() -> None:
    """Here every turn shows goods that were never shown before, and nobody ever stops adding terms."""
    talk = Talk()
    tokens: dict[int, int] = {}
    for turn in range(1, TURNS + 1):
        said = f"show me more of shelf {turn}, nothing over {100 + turn} euros please"
        talk.add(ShopperSpoke(cid=ClientMessageId(f"c{turn:04}"), text=said), turn=0)
        talk.add(TurnStarted(turn=turn, cids=(ClientMessageId(f"c{turn:04}"),)), turn=turn)
        words = ShopWords(vocabulary=Vocabulary(), policies=(("returns", "Returns"),))
        prompt = assemble(
            settings=AgentSettings(persona="A friendly carpenter"),
            words=words,
            state=talk.state,
            understanding=understand(said=said, state=talk.state, words=words),
            loaded=Loaded(),
            seconds=int(NOW.timestamp()) + 60 * turn,
        )
        checked, missing = find_missing(prompt, talk.state)
        assert missing == ()
        assert checked >= min(turn - 1, 20)
        tokens[turn] = prompt.tokens
        for event in list_answer(turn):
            talk.add(event, turn=turn)
        talk.compress()

    assert talk.state.summaries.memory is not None
    assert talk.state.entities.archived > 0
    assert tokens[TURNS] <= 1.5 * tokens[15], tokens
    assert max(tokens.values()) <= 1.5 * tokens[15], tokens


def test_the_command_refuses_a_talk_of_no_turns() -> None:
    with pytest.raises(CommandError, match="1 or more"):
        call_command("evaluate", "prompt", "--turns", "0", stdout=StringIO())


class Talk:
    """A talk made of events alone, and its older turns in few words as they fall due."""

    def __init__(self) -> None:
        self.state = ConversationState()
        self.events: list[Recorded] = []
        self.add(ConversationOpened(merchant=MerchantId("m"), currency="EUR"), turn=0)

    def add(self, event: Event, *, turn: int) -> None:
        """The next event."""
        at = NOW + timedelta(minutes=turn)
        recorded = Recorded(seq=self.state.version + 1, frame=None, at=at, turn=turn, event=event)
        self.events.append(recorded)
        self.state = apply(self.state, recorded)

    def compress(self) -> None:
        """As the worker does it."""
        while due := find_due(self.state):
            text = summarise(list_told(self.events, first=due[0], last=due[1]))
            self.add(EpisodeSummarised(first=due[0], last=due[1], text=text, by=BUILTIN), turn=0)
        if len(self.state.summaries.episodes) > KEPT_EPISODES:
            old = self.state.summaries.episodes[:2]
            text = merge(self.state.summaries.memory, old)
            self.add(MemoryFormed(last=old[-1].last, text=text, by=BUILTIN), turn=0)


def list_answer(turn: int) -> Iterator[Event]:
    """Four new items with their facts, a term in the place of an older one, a cart, and a reply about it all."""
    field = FIELDS[turn % len(FIELDS)]
    term = Constraint(id=f"t{turn}", field=field, op="<=", value=100.0 + turn, turn=turn)
    if turn > len(FIELDS):
        yield ConstraintSuperseded(id=f"t{turn - len(FIELDS)}", by=term.id)
    yield ConstraintStated(constraint=term)
    refs = [EntityRef("variant", f"SHELF-{turn}-{place}") for place in range(SHOWN)]
    yield EntitiesShown(entities=tuple(Entity(ref=ref, name=f"Shelf {ref.key} of oiled oak") for ref in refs))
    price = Amount(amount=Decimal(50 + turn), currency="EUR")
    facts = tuple(make_fact(ref, name="price", value=price, turn=turn) for ref in refs)
    stock = tuple(make_fact(ref, name="stock", value=turn, turn=turn) for ref in refs)
    policy = make_fact(EntityRef("policy", "returns"), name="policy.returns", value="30 days", turn=turn)
    yield FactsObserved(facts=(*facts, *stock, policy))
    yield FactsCited(ids=tuple(fact.id for fact in (*facts, *stock, policy)))
    if turn % 10 == 0:
        line = CartLine(ref=refs[0], title=f"Shelf {refs[0].key}", quantity=2, unit_price=price)
        yield CartChanged(lines=(line,))
    told = ", ".join(ref.key for ref in refs)
    yield ReplyGiven(turn=turn, text=f"I found {told}. Each is €{50 + turn}.00 and there are {turn} of them.")


def make_fact(subject: EntityRef, *, name: str, value: str | int | Amount, turn: int) -> Fact:
    return Fact(
        id=f"{subject.key}:{name}:{turn}",
        subject=subject,
        name=name,
        value=value,
        source="test",
        observed_at=NOW + timedelta(minutes=turn),
    )
