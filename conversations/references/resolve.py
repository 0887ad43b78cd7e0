"""The door: what the words of a message refer to."""

from collections.abc import Sequence

import msgspec

from conversations.entities import Entities
from conversations.events.entities import Reference
from conversations.ids import EntityRef
from conversations.language.glossing import Gloss, gloss
from conversations.language.lexicon import build_lexicon
from conversations.language.tokens import list_tokens
from conversations.language.tongue import Tongue
from conversations.language.tongues import get_tongue
from conversations.language.vocabulary import Vocabulary
from conversations.references.chosen import Choice
from conversations.references.finding import list_mentions
from conversations.references.mentions import Bag, Mention, Speech
from conversations.references.naming import list_named
from conversations.references.question import get_question
from conversations.references.resolution import Resolution
from conversations.references.scene import Scene, build_scene
from conversations.references.spans import Known, map_spans
from conversations.references.tails import speaks_of_purchases
from conversations.references.together import choose_all
from conversations.references.unnamed import doubt_unnamed


def resolve_references(
    *,
    text: str,
    entities: Entities,
    vocabulary: Vocabulary,
    cart: tuple[EntityRef, ...] | None = (),
    orders: tuple[tuple[EntityRef, ...], ...] | None = (),
    language: str = "en",
) -> Resolution:
    """Answers what the message points at, phrase by phrase, among the items that the conversation knows.

    Items of the cart and of past orders count where they are known too (EntitiesIntroduced); `orders` has the
    newest first. Words about either that fit nothing in it are `unknown`, with `cart` or `order` among the rules,
    and say nothing where it is None: nobody can tell what is there;
    `of_purchases` says that orders are spoken of, to whoever has handed none in yet. Equals are never chosen
    between: the outcome is `ambiguous`, with the attribute to ask for. A phrase that points but fits nothing
    known is `unknown`: look it up in the shop. Goods that are only described are no reference.
    """
    read = gloss(text, language=language, vocabulary=vocabulary, several=len(entities.focus) > 1)
    tongue = get_tongue(language)
    speech, scene = _prepare(read.text, entities, vocabulary, cart or (), orders or (), tongue)
    mentions = list_named(speech, scene, list_mentions(speech, asked=entities.asked is not None))
    mentions = _without_untold(mentions, cart_told=cart is not None, orders_told=orders is not None)
    chosen = doubt_unnamed(choose_all(mentions, scene, speech.known), speech, scene)
    found = [
        (mention, choice)
        for mention, choice in chosen
        if mention.partitive != "choose" and not _is_purpose(speech, mention, choice)
    ]
    among = [item.ref for mention, choice in chosen if mention.partitive == "choose" for item in choice.items]
    return Resolution(
        among=tuple(dict.fromkeys(among)),
        references=tuple(_build_reference(speech, read, mention, choice) for mention, choice in found),
        starts_search=_starts_search(speech, [mention for mention, _ in found]),
        of_purchases=speaks_of_purchases(speech),
        spans=tuple(_get_span(speech, read, mention) for mention, _ in found),
    )


def _without_untold(
    mentions: Sequence[Mention], *, cart_told: bool, orders_told: bool
) -> tuple[Mention, ...]:
    """The phrases without the places that nobody can look into: "the grey one in my cart" is the grey one."""
    told: set[Bag] = {"", "earliest"}
    told |= {"cart"} if cart_told else set()
    told |= {"order", "last_order"} if orders_told else set()
    return tuple(
        mention if mention.bag in told else msgspec.structs.replace(mention, bag="") for mention in mentions
    )


def _is_purpose(speech: Speech, mention: Mention, choice: Choice) -> bool:
    """As in "a bed for the guest room": what goods are sought for, though a kind's name has a word of it."""
    grammar = speech.known.tongue.grammar
    plain = not (
        mention.names or mention.standin or mention.positions or mention.demonstrative or mention.bag
    )
    sought = any(span.after == mention.first - 1 for span in speech.spans.values() if span.kind == "category")
    behind = speech.get_word(mention.first - 1) in grammar.benefiting
    vague = choice.outcome == "unknown" or all(want.kind == "word" for want in mention.wants)
    small = speech.get_text(first=mention.first, after=mention.after).islower()
    return plain and sought and behind and vague and small


def _prepare(
    text: str,
    entities: Entities,
    vocabulary: Vocabulary,
    cart: tuple[EntityRef, ...],
    orders: tuple[tuple[EntityRef, ...], ...],
    tongue: Tongue,
) -> tuple[Speech, Scene]:
    scene = build_scene(entities, cart=cart, orders=orders, tongue=tongue)
    known = Known(scene.known, lexicon=build_lexicon(vocabulary, tongue), tongue=tongue)
    tokens = list_tokens(text, language=tongue.stemmer)
    words = dict(enumerate([token.word for token in tokens]))
    spans = map_spans(tokens, known)
    return Speech(text=text, tokens=tokens, spans=spans, known=known, words=words), scene


def _get_span(speech: Speech, read: Gloss, mention: Mention) -> tuple[int, int]:
    """Where the phrase stands in the shopper's own words."""
    first, last = speech.tokens[mention.first], speech.tokens[mention.after - 1]
    return read.get_own_span(start=first.start, end=last.end)


def _build_reference(speech: Speech, read: Gloss, mention: Mention, choice: Choice) -> Reference:
    refs = tuple(item.ref for item in choice.items)
    start, end = _get_span(speech, read, mention)
    ambiguous = choice.outcome == "ambiguous"
    return Reference(
        text=read.said[start:end],
        outcome=choice.outcome,
        refs=() if ambiguous else refs,
        candidates=refs if ambiguous else (),
        question=get_question(choice.items) if ambiguous else "",
        rules=choice.rules,
    )


def _starts_search(speech: Speech, mentions: Sequence[Mention]) -> bool:
    """True where goods are described outside the pointing phrases, or something else is asked for."""
    grammar = speech.known.tongue.grammar
    taken = {index for mention in mentions for index in range(mention.first, mention.after)}
    words = [token.word for index, token in enumerate(speech.tokens) if index not in taken]
    described = any(span.first not in taken for span in speech.spans.values() if span.kind != "word")
    searching = any(word in grammar.searching or word in grammar.indefinite for word in words)
    unnamed = any(word in grammar.elsewhere for word in words)
    return unnamed or (described and (searching or not mentions))
