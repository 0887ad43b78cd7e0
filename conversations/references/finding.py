"""Finding the phrases that point at goods."""

import msgspec

from conversations.language.order import find_order
from conversations.references.mentions import Mention, Speech, has_goods
from conversations.references.phrases import (
    PhraseParts,
    build_mention,
    find_ordinal_at,
    read_body,
    read_opening,
)
from conversations.references.pronouns import find_implied, find_pronoun
from conversations.references.tails import read_tails


def list_mentions(speech: Speech, *, asked: bool) -> tuple[Mention, ...]:
    """Answers the pointing phrases in order.

    With `asked`, the message answers which one was meant, so a phrase points without an opening word: "grey one".
    """
    mentions: list[Mention] = []
    at = 0
    while at < len(speech.tokens):
        mention = _find_mention(speech, at, mentions)
        if mention is None:
            at += 1
            continue
        mentions.append(mention)
        at = max(mention.after, at + 1)
    if asked and not mentions:
        mentions.extend(_list_bare(speech))
    if not mentions:
        implied = find_implied(speech)
        mentions.extend([implied] if implied else [])
    return tuple(mentions)


def _find_mention(speech: Speech, at: int, before: list[Mention]) -> Mention | None:
    grammar = speech.known.tongue.grammar
    word = speech.get_word(at)
    opens = (
        word in grammar.definite
        or word in grammar.demonstrative_one
        or word in grammar.demonstrative_many
        or word in grammar.both
        or word in grammar.all_of
    )
    if opens:
        return _find_described(speech, at) or find_pronoun(speech, at, before)
    if word in grammar.pronoun_one or word in grammar.pronoun_many:
        return find_pronoun(speech, at, before)
    if word in grammar.another and _is_acquired(speech, at):
        return _read_another(speech, at)
    if before and _continues(speech, at, before[-1]):
        return _read_phrase(speech, at, first=at)
    return None


def _find_described(speech: Speech, at: int) -> Mention | None:
    if _is_landmark(speech, at):
        return None
    return _read_phrase(speech, at, first=at)


def _read_phrase(speech: Speech, at: int, *, first: int) -> Mention | None:
    parts = PhraseParts(at=at)
    read_opening(speech, parts)
    read_body(speech, parts)
    if parts.at == at:
        return None
    read_tails(speech, parts)
    mention = build_mention(parts, kind="described", first=first, negated=_is_negated(speech, first))
    if not _is_about_goods(speech, mention):
        return None
    return mention


def _is_about_goods(speech: Speech, mention: Mention) -> bool:
    """Goods have a noun, or enough said about them; "the brand Acme" and "the price" are not goods."""
    if not has_goods(mention):
        return mention.plural is True and mention.count is not None and mention.after > mention.first + 1
    following = speech.get_word(mention.after)
    grammar = speech.known.tongue.grammar
    headed = mention.standin or any(want.kind == "category" for want in mention.wants)
    if headed or mention.other:
        return True
    if mention.positions or mention.extreme:
        return not _is_noun(speech, mention.after)
    if following in grammar.aspects or _is_noun(speech, mention.after):
        return False
    return all(want.kind in ("color", "value", "word") for want in mention.wants)


def _is_noun(speech: Speech, at: int) -> bool:
    """True for a content word that the phrase could not take in: "the second cubby", "the left wall"."""
    word = speech.get_word(at)
    tongue = speech.known.tongue
    if not word or not word.isalpha() or word in tongue.stopwords:
        return False
    grammar = tongue.grammar
    return not (word in grammar.conjunctions or word in grammar.prepositions or word in grammar.copulas)


def _is_landmark(speech: Speech, at: int) -> bool:
    for phrase in speech.known.tongue.grammar.landmarks:
        words = phrase.split()
        if tuple(speech.get_word(at - len(words) + index) for index in range(len(words))) == tuple(words):
            return len(words) > 1 or speech.get_word(at - 1) in ("beside", "behind", "near", "opposite")
    return False


def _is_negated(speech: Speech, first: int) -> bool:
    grammar = speech.known.tongue.grammar
    before = speech.get_word(first - 1)
    if before in grammar.negations and before != "but":
        return True
    return (speech.get_word(first - 2), before) in (("other", "than"), ("but", "not"), ("except", "for"))


def _is_acquired(speech: Speech, at: int) -> bool:
    """ "I'll take another black one": more of one that is known, not something else."""
    grammar = speech.known.tongue.grammar
    window = range(max(0, at - 3), at)
    verbs = ("add", "buy", "take", "purchase", "order", "get")
    return any(speech.get_word(index) in verbs for index in window) and bool(grammar.acquiring)


def _read_another(speech: Speech, at: int) -> Mention | None:
    if speech.get_word(at + 1) == "of":
        return None
    mention = _read_phrase(speech, at + 1, first=at)
    if mention is None or not any(want.kind != "category" for want in mention.wants):
        return None
    return mention


def _continues(speech: Speech, at: int, before: Mention) -> bool:
    """ "The grey pants and blue shirt": the opening word of the first phrase serves the second too."""
    grammar = speech.known.tongue.grammar
    if at == before.after or at > before.after + 2 or before.kind != "described":
        return False
    joints = [speech.get_word(index) for index in range(before.after, at)]
    if not all(word in grammar.conjunctions for word in joints) or "and" not in joints:
        return False
    return at in speech.spans or find_ordinal_at(speech, at)


def _list_bare(speech: Speech) -> list[Mention]:
    """The phrases of an answer to "which one?", which need no opening word."""
    found: list[Mention] = []
    at = 0
    while at < len(speech.tokens):
        starts = at in speech.spans or find_ordinal_at(speech, at)
        starts = starts or find_order(speech.tokens, at, speech.known.tongue) is not None
        mention = _read_phrase(speech, at, first=at) if starts else None
        if mention:
            found.append(msgspec.structs.replace(mention, kind="described"))
        at = max(mention.after if mention else 0, at + 1)
    return found
