"""Pronouns and phrases without a noun: "it", "those", "both", "how much?"."""

from collections.abc import Sequence

from conversations.references.mentions import Mention, Speech

_BEFORE_THAT = frozenset(
    "take add buy want get like love on of for about with than is are was does do much size sizes brand color like "
    "order purchase keep see put to have as cost both by compare is't and or in reviews review rating return".split()
)
_NO_GOODS_AFTER_THAT = frozenset(
    "is's sounds seems works would will should could might matters said case way helps one's being means".split()
)
_DUMMY_BEFORE = frozenset({"make", "call", "leave", "keep", "take"})
_DUMMY_AFTER = frozenset({"possible", "ok", "okay", "matter", "over", "matters", "for", "would", "depends", "seems", "s"})


def find_pronoun(speech: Speech, at: int, before: Sequence[Mention]) -> Mention | None:
    """Answers the pronoun at the token, unless it means nothing, or an earlier phrase of this message."""
    if any(mention.kind == "described" for mention in before):
        return None
    grammar = speech.known.tongue.grammar
    word = speech.get_word(at)
    if word in grammar.pronoun_one:
        return None if _is_dummy(speech, at) else Mention(kind="pronoun_one", first=at, after=at + 1, plural=False)
    if word in grammar.pronoun_many:
        return Mention(kind="pronoun_many", first=at, after=at + 1, plural=True)
    if word in grammar.demonstrative_one:
        return _find_demonstrative(speech, at)
    if word in grammar.demonstrative_many:
        return Mention(kind="pronoun_many", first=at, after=at + 1, plural=True, demonstrative=True)
    if word in grammar.both:
        count = 2 if word == "both" else None
        return Mention(kind="pronoun_many", first=at, after=at + 1, plural=True, count=count, whole=word == "both")
    return None


def _find_demonstrative(speech: Speech, at: int) -> Mention | None:
    """ "I'll take that" points; "that sounds good" and "something that fits" do not."""
    following = speech.get_word(at + 1)
    previous = speech.get_word(at - 1)
    if speech.tokens[at].possessive or following in _NO_GOODS_AFTER_THAT:
        return None
    if previous not in _BEFORE_THAT and not (at > 0 and following in ("", "?", ".", "!", ",", "come", "cost")):
        return None
    if following.isalpha() and following not in speech.known.tongue.stopwords and following not in ("come", "cost"):
        return None
    return Mention(kind="pronoun_one", first=at, after=at + 1, plural=False, demonstrative=True)


def _is_dummy(speech: Speech, at: int) -> bool:
    previous, following = speech.get_word(at - 1), speech.get_word(at + 1)
    if speech.tokens[at].possessive and following in ("for", "ok", "okay", "fine", "a", "alright"):
        return True
    if previous in ("is", "was") and following in _DUMMY_AFTER:
        return True
    if previous == "make" or (previous == "that's") or (previous == "about" and speech.get_word(at - 2) == "forget"):
        return True
    return previous == "that" or (previous in _DUMMY_BEFORE and following in ("easy", "under", "there"))


def find_implied(speech: Speech) -> Mention | None:
    """Answers the phrase that a question about "the price" leaves out; None where the message is no such question."""
    grammar = speech.known.tongue.grammar
    words = [token.word for token in speech.tokens]
    if any(word in grammar.indefinite and word not in ("what", "which") for word in words):
        return None
    if any(span.kind == "category" for span in speech.spans.values()):
        return None
    for at, word in enumerate(words):
        if word in grammar.aspects and _is_asked(words, at):
            return Mention(kind="implied", first=at, after=at + 1)
    return None


def _is_asked(words: Sequence[str], at: int) -> bool:
    before = words[max(0, at - 3) : at]
    definite = bool(before) and before[-1] in ("the", "what", "about")
    alone = len(words) <= 4 and (at == 0 or words[0] in ("how", "and", "what"))
    return definite or alone
