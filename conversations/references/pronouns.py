"""Pronouns and phrases without a noun: "it", "those", "both", "how much?"."""

from collections.abc import Sequence

from conversations.references.mentions import Mention, Speech


def find_pronoun(speech: Speech, at: int, before: Sequence[Mention]) -> Mention | None:
    """Answers the pronoun at the token, unless it means nothing, or an earlier phrase of this message."""
    if any(mention.kind == "described" and not mention.negated for mention in before):
        return None
    grammar = speech.known.tongue.grammar
    word = speech.get_word(at)
    if _is_idiom(speech, at):
        return None
    if word in grammar.pronoun_one:
        return (
            None
            if _is_dummy(speech, at)
            else Mention(kind="pronoun_one", first=at, after=at + 1, plural=False)
        )
    if word in grammar.pronoun_many:
        return Mention(kind="pronoun_many", first=at, after=at + 1, plural=True)
    if word in grammar.demonstrative_one:
        return _find_demonstrative(speech, at)
    if word in grammar.demonstrative_many:
        return Mention(kind="pronoun_many", first=at, after=at + 1, plural=True, demonstrative=True)
    if word in grammar.each and speech.get_word(at - 1) in grammar.prepositions | {"if"}:
        return Mention(kind="pronoun_many", first=at, after=at + 1, plural=True)
    if word in grammar.both:
        count = 2 if word == "both" else None
        return Mention(
            kind="pronoun_many", first=at, after=at + 1, plural=True, count=count, whole=word == "both"
        )
    return None


def _is_idiom(speech: Speech, at: int) -> bool:
    """As in "I'll think about those", "thanks for that", "give it some thought": nothing is asked about the
    goods.
    """
    grammar = speech.known.tongue.grammar
    before, previous = speech.get_word(at - 2), speech.get_word(at - 1)
    if previous in grammar.about and before in grammar.idle_about:
        return True
    if previous == "for" and before in grammar.thanks:
        return True
    return (
        any(speech.get_word(at + ahead) in grammar.idle_about for ahead in (1, 2))
        and previous in grammar.giving
    )


def _find_demonstrative(speech: Speech, at: int) -> Mention | None:
    """As in "I'll take that" points; "that sounds good" and "something that fits" do not."""
    grammar = speech.known.tongue.grammar
    following = speech.get_word(at + 1)
    previous = speech.get_word(at - 1)
    if speech.tokens[at].possessive or following in grammar.after_idle_that | grammar.subjects:
        return None
    if previous not in grammar.before_that and not (
        at > 0 and following in ("", "?", ".", "!", ",", "come", "cost")
    ):
        return None
    if (
        following.isalpha()
        and following not in speech.known.tongue.stopwords
        and following not in ("come", "cost")
    ):
        return None
    return Mention(kind="pronoun_one", first=at, after=at + 1, plural=False, demonstrative=True)


def _is_dummy(speech: Speech, at: int) -> bool:
    """True for an "it" that means no goods: "limit it to grey", "it should be blue", "make it three"."""
    grammar = speech.known.tongue.grammar
    previous, following = speech.get_word(at - 1), speech.get_word(at + 1)
    if speech.tokens[at].possessive and speech.get_word(at) == "it" and following in grammar.after_idle_it:
        return True
    if previous in grammar.before_idle_it or previous in grammar.relative - grammar.prepositions:
        return True
    if previous in grammar.fussy and (previous != "is" or following in grammar.after_idle_it):
        return True
    return following in grammar.must


def find_implied(speech: Speech) -> Mention | None:
    """Answers the phrase that a question about "the price" leaves out; None where the message is no such
    question.
    """
    words = [token.word for token in speech.tokens]
    similar = _find_similar(speech)
    if similar is not None:
        return Mention(kind="implied", first=similar, after=similar + 1)
    grammar = speech.known.tongue.grammar
    if any(word in grammar.indefinite and word not in grammar.asking for word in words):
        return None
    if any(span.kind == "category" for span in speech.spans.values()):
        return None
    for at, word in enumerate(words):
        if word in grammar.aspects and _is_asked(speech, words, at):
            return Mention(kind="implied", first=at, after=at + 1)
    return None


def _find_similar(speech: Speech) -> int | None:
    """As in "Something similar", "in the same size": what is compared with is left out."""
    grammar = speech.known.tongue.grammar
    for at in range(len(speech.tokens)):
        word, following = speech.get_word(at), speech.get_word(at + 1)
        if word in grammar.similar and following not in grammar.indefinite:
            return at
        if word in grammar.demonstrative_one and following in grammar.aspects:
            return at
    return None


def _is_asked(speech: Speech, words: Sequence[str], at: int) -> bool:
    grammar = speech.known.tongue.grammar
    before = words[at - 1] if at else ""
    definite = (
        before in grammar.definite - grammar.possessives
        or before in grammar.asking
        or before in grammar.about
    )
    alone = len(words) <= 4 and (at == 0 or words[0] in grammar.asking)
    return definite or alone
