"""Which of the goods on screen is asked about, where the question names their kind: "which jacket is warmer?"."""

from commerce_agent.agent.understanding.english.choices import (
    COMPARES_WITH,
    KEEPS_ONLY,
    LONE_EXTREME,
    SEEKS_MORE,
    WHICH_KIND,
)
from conversations.language import Vocabulary
from conversations.language.lexicon import build_lexicon, list_spots
from conversations.language.order import list_comparatives
from conversations.language.tokens import list_tokens
from conversations.language.tongues import get_tongue
from conversations.language.vocabulary import get_kind
from conversations.state import ConversationState


def say_which_one(said: str, *, state: ConversationState, vocabulary: Vocabulary) -> str:
    """As in "which jacket comes in olive?", "lightest of those?": which of the goods on screen, where there are no
    others of their kind.
    """
    said = COMPARES_WITH.sub(r"\g<one> and ", said)
    if state.cart.lines:
        said = KEEPS_ONLY.sub(r"\g<lead>take out everything but \g<kept>", said)
    said = _rank_asked(LONE_EXTREME.sub(r"\g<lead>the \g<extreme>", said), state=state)
    asked, shown = WHICH_KIND.search(said), state.entities.showings[-1:]
    entities = [entity for each in shown for ref in each.refs if (entity := state.entities.find(ref))]
    if asked is None or len(entities) < 2 or not _are_meant(said, len(entities), state=state):
        return said
    named = _list_kinds(asked["kind"], vocabulary=vocabulary)
    if not all(named & {*map(get_kind, entity.attributes.get("category", ()))} for entity in entities):
        return said
    return f"{said[: asked.start('kind')]}one{said[asked.end('kind') :]}"


def _rank_asked(said: str, *, state: ConversationState) -> str:
    """As in "what does that one weigh?", of several, and then "is there a lighter one?": the lightest of them."""
    asked, orders = state.entities.asked, list_comparatives(said)
    if asked is None or len(orders) != 1 or not SEEKS_MORE.fullmatch(said):
        return said
    entities = [entity for ref in asked.candidates if (entity := state.entities.find(ref))]
    meaning = orders[0].measure, orders[0].direction
    superlatives = get_tongue("en").superlatives.items()
    first = next((word for word, told in superlatives if told == meaning and " " not in word), "")
    several = len({entity.group or entity.ref.key for entity in entities}) > 1
    return f"which of these is the {first}?" if first and several else said


def _are_meant(said: str, count: int, *, state: ConversationState) -> bool:
    """Whether there are no others of which the question could be asked."""
    searched = state.entities.searched
    return (searched is not None and searched.total <= count) or bool(list_comparatives(said))


def _list_kinds(text: str, *, vocabulary: Vocabulary) -> set[str]:
    tongue, tokens = get_tongue("en"), list_tokens(text)
    spots = list_spots(tokens, build_lexicon(vocabulary, tongue), tongue)
    return {
        get_kind(term.value)
        for spot in spots
        if spot.first == 0 and spot.after == len(tokens)
        for term in spot.terms
        if term.field == "category"
    }
