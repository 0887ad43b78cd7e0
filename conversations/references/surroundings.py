"""What stands around a phrase and says how it is meant, or that it points at no goods."""

from functools import lru_cache

from conversations.references.mentions import Mention, Speech


def is_landmark(speech: Speech, at: int) -> bool:
    """As in "next to the grey coat", "instead of that one": these goods only say which others are meant."""
    grammar = speech.known.tongue.grammar
    if speech.get_word(at - 1) in grammar.standing_by:
        return True
    if any(_ends_with(speech, at, phrase) for phrase in grammar.replacing):
        return True
    return any(" " in phrase and _ends_with(speech, at, phrase) for phrase in grammar.landmarks)


def is_negated(speech: Speech, first: int) -> bool:
    """As in "anything but the red one": these goods are the ones that are not meant."""
    return any(_ends_with(speech, first, phrase) for phrase in speech.known.tongue.grammar.excluding)


def is_spot(speech: Speech, mention: Mention) -> bool:
    """As in "what grows in the shade?": where goods are to be, though some say so of themselves."""
    grammar = speech.known.tongue.grammar
    plain = not (mention.standin or mention.positions or mention.extreme or mention.other or mention.variants)
    valued = bool(mention.wants) and all(want.kind == "value" for want in mention.wants)
    return (
        plain and valued and len(mention.wants) == 1 and speech.get_word(mention.first - 1) in grammar.inside
    )


def is_conditioned(speech: Speech, mention: Mention) -> bool:
    """As in "The ones with good reviews": a condition that was not understood, so nobody knows which."""
    grammar = speech.known.tongue.grammar
    if mention.extreme or mention.positions or mention.demonstrative or mention.other:
        return False
    following = speech.get_word(mention.after)
    if mention.standin and not mention.wants:
        return following in grammar.relative - grammar.plain_relative or following in grammar.to_be_had
    plain = mention.plural is True and all(want.kind == "category" for want in mention.wants)
    return plain and following in grammar.relative and speech.get_word(mention.after + 1) in grammar.having


def _ends_with(speech: Speech, at: int, phrase: str) -> bool:
    """True where the phrase stands right before the index."""
    words = _split(phrase)
    start = at - len(words)
    return start >= 0 and all(speech.tokens[start + index].word == word for index, word in enumerate(words))


@lru_cache(maxsize=1024)
def _split(phrase: str) -> tuple[str, ...]:
    return tuple(phrase.split())
