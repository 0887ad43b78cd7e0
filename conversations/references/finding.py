"""Finding the phrases that point at goods."""

from collections.abc import Sequence

import msgspec

from conversations.language.order import Order, find_order
from conversations.language.pointing import is_pointing
from conversations.references.mentions import PLACES_OF_OWN, Mention, Speech, get_words, has_goods
from conversations.references.partition import with_partition
from conversations.references.phrases import (
    PhraseParts,
    build_mention,
    find_ordinal_at,
    give_back_predicate,
    read_body,
    read_opening,
    read_superset,
)
from conversations.references.pronouns import find_chosen, find_implied, find_pronoun, is_idiom
from conversations.references.ranking import find_ranked
from conversations.references.surroundings import is_conditioned, is_landmark, is_negated, is_spot
from conversations.references.tails import read_tails

_LONGEST_UNHEARD = 3
MOST_MENTIONS = 12
"""A message points at a few things; one that goes on and on is not read to its end."""


def list_mentions(speech: Speech, *, asked: bool) -> tuple[Mention, ...]:
    """Answers the pointing phrases in order.

    With `asked`, the message answers which one was meant, so a phrase points without an opening word: "grey
    one".
    """
    mentions: list[Mention] = []
    chosen = find_chosen(speech)
    if chosen and speech.get_word(chosen.after) in speech.known.tongue.grammar.suiting:
        return (chosen,)  # "Which one fits the MK4410?": what it is to fit is not among them.
    at = 0
    while at < len(speech.tokens) and len(mentions) < MOST_MENTIONS:
        mention = _find_mention(speech, at, mentions)
        if mention is None or _repeats(mention, mentions) or _refuses(speech, mention):
            at += 1
            continue
        if _stands_for_new(speech, mention):
            at += 1
            continue
        mentions.append(with_partition(speech, mention))
        at = max(mention.after, at + 1)
    if asked and not mentions and not _is_search(speech):
        mentions.extend(_list_bare(speech))
    if not mentions:
        implied = chosen or find_implied(speech) or _find_lone_extreme(speech)
        mentions.extend([implied] if implied else [])
    return _without_question(speech, mentions)


def _find_lone_extreme(speech: Speech) -> Mention | None:
    """As in "cheapest?", "and the lightest": nothing is said but an order among what was shown."""
    grammar = speech.known.tongue.grammar
    at = next((at for at, token in enumerate(speech.tokens) if token.word not in grammar.conjunctions), 0)
    order = find_order(speech.tokens, at, speech.known.tongue) if at < len(speech.tokens) else None
    behind = [token.word for token in speech.tokens[order.after :] if token.is_word] if order else [""]
    behind = behind[behind[0] in grammar.standin_one :] if behind else []
    text = " ".join(token.word for token in speech.tokens[at : order.after]) if order else ""
    if order is None or behind or text not in speech.known.tongue.superlatives:
        return None
    return _build_ranking(speech, order, first=at)


def _build_ranking(speech: Speech, order: Order, *, first: int) -> Mention:
    return Mention(
        kind="described",
        first=first,
        after=order.after,
        standin=True,
        plural=False,
        extreme=(order.measure, order.direction),
        ranked=get_words(speech.tokens, first=order.first, after=order.after),
    )


def _without_question(speech: Speech, mentions: Sequence[Mention]) -> tuple[Mention, ...]:
    """As in "which is cheaper, the green or the red?": what is named behind the question is what it asks of."""
    asking = speech.known.tongue.grammar.asking
    named = any(mention.wants for mention in mentions[1:])
    asks = named and mentions[0].extreme and speech.get_word(mentions[0].first) in asking
    return tuple(mentions[1:] if asks else mentions)


def _repeats(mention: Mention, before: Sequence[Mention]) -> bool:
    """True for a second "it": it means what the first one means."""
    return mention.kind.startswith("pronoun") and any(other.kind == mention.kind for other in before)


def _stands_for_new(speech: Speech, mention: Mention) -> bool:
    """As in "chairs, four of them", "nappies, the ones for newborns": goods named just before that nobody has seen."""
    many = mention.kind == "pronoun_many" or (mention.standin and mention.plural is True)
    kind = any(want.kind == "category" for want in mention.wants)
    if not many or kind or mention.positions or mention.extreme or mention.other:
        return False
    tongue = speech.known.tongue
    at = mention.first
    while (word := speech.get_word(at - 1)) and (
        word.isdecimal() or word in tongue.numbers or word in tongue.grammar.part_of
    ):
        at -= 1
    span = next((span for span in speech.spans.values() if span.after == at - 1), None)
    apart = at > 0 and not speech.tokens[at - 1].is_word
    return bool(apart and span and span.kind == "category" and span.key not in speech.known.categories)


def _refuses(speech: Speech, mention: Mention) -> bool:
    """As in "none of them, I need a backpack": nothing is wanted of these any more. "None of them is red?" asks."""
    grammar = speech.known.tongue.grammar
    refused = speech.get_word(mention.first - 1) in grammar.part_of
    refused = refused and speech.get_word(mention.first - 2) in grammar.none_of
    return refused and speech.get_word(mention.after) not in grammar.copulas | grammar.having


def _find_mention(speech: Speech, at: int, before: list[Mention]) -> Mention | None:
    grammar = speech.known.tongue.grammar
    word = speech.get_word(at)
    if _opens(speech, at):
        return _find_described(speech, at) or find_pronoun(speech, at, before)
    if word in grammar.pronoun_one or word in grammar.pronoun_many:
        return find_pronoun(speech, at, before)
    if word in grammar.another and _is_acquired(speech, at):
        return _read_another(speech, at)
    if (
        word in grammar.asking
        and word not in grammar.conjunctions
        and (question := _find_ranking(speech, at))
    ):
        return question
    if before and _continues(speech, at, before[-1]):
        return _read_phrase(speech, at, first=at)
    return None


def _find_ranking(speech: Speech, at: int) -> Mention | None:
    """As in "which one is cheaper?", "which has the best reviews?"."""
    grammar = speech.known.tongue.grammar
    after = at + 1
    while speech.get_word(after) in grammar.standin_one | grammar.copulas | grammar.having | grammar.definite:
        after += 1
    if after >= len(speech.tokens):
        return None
    order = find_ranked(speech, after)
    # "Which lasts longest?", but not "which cheapest".
    if order is None or (after == at + 1 and order.after < after + 2):
        return None
    span = speech.spans.get(order.after)
    if span and span.kind == "category" and span.key not in speech.known.categories:
        return None  # "What's the cheapest armchair?" of a talk about sofas seeks an armchair.
    ranking = _build_ranking(speech, order, first=at)
    ends = PhraseParts(at=order.after + (speech.get_word(order.after) in grammar.standin_one))
    read_tails(speech, ends)
    # "What's the cheapest thing in my cart?"
    return msgspec.structs.replace(ranking, after=ends.at, bag="cart") if ends.bag == "cart" else ranking


def _opens(speech: Speech, at: int) -> bool:
    """True for "the", "that", "both" and their like, but not in "that's", "that is", "The North Shop"."""
    grammar = speech.known.tongue.grammar
    word = speech.get_word(at)
    span = speech.spans.get(at)
    if (span and span.after > at + 1) or not (
        is_pointing(word, speech.known.tongue) or word in grammar.all_of
    ):
        return False
    if word in grammar.all_of and _is_shown_whole(speech, at):
        return False
    if word in grammar.demonstrative_one and _is_after_noun(speech, at):
        return False  # "Lights that recharge": what follows tells what they are to do.
    clause = speech.tokens[at].possessive or speech.get_word(at + 1) in grammar.copulas
    return not (clause and word in grammar.demonstrative_one)


def _is_shown_whole(speech: Speech, at: int) -> bool:
    """As in "show me all chargers": all that the shop has, not all that were shown."""
    shows = any(speech.get_word(index) in speech.known.tongue.grammar.searching for index in range(at))
    span = speech.spans.get(at + 1)
    return shows and span is not None and span.kind == "category"


def _is_after_noun(speech: Speech, at: int) -> bool:
    noun = any(span.after == at and span.kind == "category" for span in speech.spans.values())
    following = speech.get_word(at + 1)
    return noun and following.isalpha() and following not in speech.known.tongue.stopwords


def _find_described(speech: Speech, at: int) -> Mention | None:
    if is_landmark(speech, at) or is_idiom(speech, at):
        return None
    return _find_ranked_by(speech, at) or _read_phrase(speech, at, first=at) or _read_unheard(speech, at)


def _find_ranked_by(speech: Speech, at: int) -> Mention | None:
    """As in "the one with the longest blade": the first by what those at hand are measured in."""
    grammar = speech.known.tongue.grammar
    standin, joint = speech.get_word(at + 1), speech.get_word(at + 2)
    many = standin in grammar.standin_many
    if not (many or standin in grammar.standin_one) or joint not in grammar.qualifying | grammar.relative:
        return None
    start = at + 3
    while speech.get_word(start) in grammar.definite | grammar.having | grammar.copulas:
        start += 1
    order = find_ranked(speech, start) if start < len(speech.tokens) else None
    if order is None:
        return None
    ranking = _build_ranking(speech, order, first=at)
    return msgspec.structs.replace(ranking, plural=many)


def _read_unheard(speech: Speech, at: int) -> Mention | None:
    """As in "the kettle I bought" where no kettle is known: still something bought, not one of the shop's kettles."""
    tongue = speech.known.tongue
    parts = PhraseParts(at=at)
    read_opening(speech, parts)
    first = parts.at
    while parts.at < first + _LONGEST_UNHEARD and _is_noun(speech, parts.at):
        parts.at += 1
    named = get_words(speech.tokens, first=first, after=parts.at)
    if not named or speech.get_word(first - 1) not in tongue.grammar.pointing:
        return None
    parts.names.extend(named)
    read_tails(speech, parts)
    return build_mention(parts, kind="described", first=at) if parts.bag in PLACES_OF_OWN else None


def _read_phrase(speech: Speech, at: int, *, first: int) -> Mention | None:
    parts = PhraseParts(at=at)
    read_opening(speech, parts)
    read_body(speech, parts)
    give_back_predicate(speech, parts, first=first)
    if parts.at == at or _is_quality(speech, parts) or _is_predicate(speech, parts, first):
        return None
    read_superset(speech, parts)
    if not _is_lone(parts):
        read_tails(speech, parts)
    mention = build_mention(parts, kind="described", first=first, negated=is_negated(speech, first))
    if not _is_about_goods(speech, mention):
        return None
    return mention


def _is_lone(parts: PhraseParts) -> bool:
    """As in "this in red": what follows a lone "this" is asked about it."""
    said = parts.wants or parts.standin or parts.positions or parts.extreme or parts.other or parts.count
    return not said


def _is_predicate(speech: Speech, parts: PhraseParts, first: int) -> bool:
    """As in "is that leather?": the quality is asked for, the pronoun alone points."""
    grammar = speech.known.tongue.grammar
    asks = (
        speech.get_word(first) in grammar.demonstrative_one and speech.get_word(first - 1) in grammar.copulas
    )
    return asks and not parts.headed and not parts.standin


def _is_quality(speech: Speech, parts: PhraseParts) -> bool:
    """As in "Which has the better rating": no goods, but what they are compared by."""
    named = parts.standin or parts.wants or parts.positions
    return (
        bool(parts.extreme)
        and not named
        and speech.get_word(parts.at - 1) in speech.known.tongue.grammar.aspects
    )


def _is_about_goods(speech: Speech, mention: Mention) -> bool:
    """Goods have a noun, or enough said about them; "the brand Acme" and "the price" are not goods."""
    if speech.get_word(mention.first) in speech.known.tongue.grammar.possessives and not mention.bag:
        return False
    if not has_goods(mention):
        part_of = speech.known.tongue.grammar.part_of
        counted = mention.plural is True and mention.count is not None
        return (
            counted
            and mention.after > mention.first + 1
            and speech.get_word(mention.after - 1) not in part_of
        )
    if mention.bag in PLACES_OF_OWN:
        return True
    if _is_bare_word(speech, mention) or is_conditioned(speech, mention) or is_spot(speech, mention):
        return False
    following = speech.get_word(mention.after)
    grammar = speech.known.tongue.grammar
    headed = mention.standin or any(want.kind == "category" for want in mention.wants)
    if headed:
        return True
    if mention.positions or mention.extreme or mention.other:
        return not _is_noun(speech, mention.after) or _is_asked(speech, mention)
    if following in grammar.aspects or _is_noun(speech, mention.after):
        return False
    return all(want.kind in ("color", "value", "word") for want in mention.wants)


def _is_asked(speech: Speech, mention: Mention) -> bool:
    """As in "what does the cheapest weigh?", "is the second waterproof?": what is asked stands behind the goods."""
    grammar = speech.known.tongue.grammar
    ends = mention.after + 1 == len(speech.tokens) or not speech.tokens[mention.after + 1].is_word
    return ends and speech.get_word(mention.first - 1) in grammar.auxiliaries | grammar.copulas


def _is_bare_word(speech: Speech, mention: Mention) -> bool:
    """As in "The store" is no goods because a maker is called Home Store; "the Aurora" and "the h7" are."""
    says_more = mention.standin or mention.positions or mention.extreme or mention.other
    if says_more or any(want.kind != "word" for want in mention.wants):
        return False
    return not any(
        speech.text[speech.tokens[want.first].start].isupper()
        or want.misspelt
        or want.key in speech.known.heads
        or not want.key.isalpha()
        for want in mention.wants
    )


def _is_noun(speech: Speech, at: int) -> bool:
    """True for a content word that the phrase could not take in: "the second cubby", "the left wall"."""
    word = speech.get_word(at)
    tongue = speech.known.tongue
    if not word or not word.isalpha() or word in tongue.stopwords:
        return False
    grammar = tongue.grammar
    return not (word in grammar.conjunctions or word in grammar.prepositions or word in grammar.copulas)


def _is_acquired(speech: Speech, at: int) -> bool:
    """As in "I'll take another black one": more of one that is known, not something else."""
    grammar = speech.known.tongue.grammar
    window = range(max(0, at - 3), at)
    return any(speech.get_word(index) in grammar.taking for index in window)


def _read_another(speech: Speech, at: int) -> Mention | None:
    if speech.get_word(at + 1) in speech.known.tongue.grammar.part_of:
        return None
    mention = _read_phrase(speech, at + 1, first=at)
    if mention is None or not any(want.kind != "category" for want in mention.wants):
        return None
    return mention


def _continues(speech: Speech, at: int, before: Mention) -> bool:
    """As in "The grey pants and blue shirt": the opening word of the first phrase serves the second too."""
    grammar = speech.known.tongue.grammar
    if at == before.after or at > before.after + 2 or before.kind != "described":
        return False
    joints = [speech.get_word(index) for index in range(before.after, at)]
    if not all(word in grammar.conjunctions for word in joints) or not grammar.adding & set(joints):
        return False
    return at in speech.spans or find_ordinal_at(speech, at)


def _is_search(speech: Speech) -> bool:
    """True where the words ask for goods instead of answering which one."""
    grammar = speech.known.tongue.grammar
    words = {token.word for token in speech.tokens}
    return bool(words & grammar.indefinite or words & (grammar.searching - grammar.acquiring))


def _list_bare(speech: Speech) -> list[Mention]:
    """The phrases of an answer to "which one?", which need no opening word."""
    words = [token.word for token in speech.tokens if token.is_word]
    if len(words) == 1 and words[0].isdecimal() and len(words[0]) < 3:
        return [Mention(kind="described", first=0, after=1, standin=True, positions=(int(words[0]),))]
    found: list[Mention] = []
    at = 0
    while at < len(speech.tokens):
        starts = at in speech.spans or find_ordinal_at(speech, at)
        starts = starts or find_order(speech.tokens, at, speech.known.tongue) is not None
        mention = _read_phrase(speech, at, first=at) if starts else None
        if mention and not _stands_for_new(speech, mention):
            found.append(msgspec.structs.replace(mention, kind="described"))
        at = max(mention.after if mention else 0, at + 1)
    return found
