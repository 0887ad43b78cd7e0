"""Pronouns and phrases without a noun: "it", "those", "both", "how much?"."""

from collections.abc import Sequence

from conversations.references.mentions import Mention, Speech

_LONGEST_ELLIPSIS = 4
_WISHED = ("price", "rating", "color", "size", "brand", "material", "category")


def find_pronoun(speech: Speech, at: int, before: Sequence[Mention]) -> Mention | None:
    """Answers the pronoun at the token, unless it means nothing, or an earlier phrase of this message."""
    if any(mention.kind == "described" and not mention.negated for mention in before):
        return None
    grammar = speech.known.tongue.grammar
    word = speech.get_word(at)
    if is_idiom(speech, at):
        return None
    if word in grammar.pronoun_one:
        idle = _is_dummy(speech, at)
        return None if idle else Mention(kind="pronoun_one", first=at, after=at + 1, plural=False)
    if word in grammar.demonstrative_one:
        return _find_demonstrative(speech, at)
    if word in grammar.subjects and speech.get_word(at + 1) in grammar.shopkeeping:
        return None  # "Do they ship to Alaska?" asks of the shop.
    many = word in grammar.pronoun_many or word in grammar.demonstrative_many
    if many and is_eased(speech, at):
        return None
    if many or (word in grammar.each and _stands_for_goods(speech, at)):
        whole = speech.get_word(at + 1) in grammar.all_of  # "Are they all waterproof?"
        return Mention(kind="pronoun_many", first=at, after=at + 1 + whole, plural=True, whole=whole)
    if word in grammar.both:
        return Mention(kind="pronoun_many", first=at, after=at + 1, plural=True, count=2, whole=True)
    return None


def _stands_for_goods(speech: Speech, at: int) -> bool:
    """As in "two of each"; "one of each colour" speaks of colours."""
    tongue = speech.known.tongue
    told = {word for kind in _WISHED for word in tongue.cues[kind]}
    return speech.get_word(at - 1) in tongue.grammar.before_each and speech.get_word(at + 1) not in told


def is_idiom(speech: Speech, at: int) -> bool:
    """As in "I'll think about those", "thanks for that": nothing is asked about the goods."""
    grammar = speech.known.tongue.grammar
    before, previous = speech.get_word(at - 2), speech.get_word(at - 1)
    if speech.get_word(at) in grammar.each and speech.get_word(at + 1) in grammar.other:
        return True  # "Against each other".
    if previous in grammar.about and before in grammar.idle_about:
        return True
    if previous in grammar.dropping and not _is_of_goods(speech, at):
        return True  # "Scratch that": what was said is taken back, no goods.
    if previous in grammar.before_idle_it and _is_count(speech, at + 1):
        return True  # "Make that six": the number changes, of what was just spoken of.
    if before in grammar.thanks and previous in grammar.prepositions:
        return True
    thought = any(speech.get_word(at + ahead) in grammar.idle_about for ahead in range(1, 5))
    return thought and previous in grammar.giving


def _is_of_goods(speech: Speech, at: int) -> bool:
    """As in "forget the chairs"; "forget the size" drops a wish, and "forget that" all of it."""
    tongue = speech.known.tongue
    wishes = {word for kind in _WISHED for word in tongue.cues[kind]}
    following = speech.get_word(at + 1)
    return speech.get_word(at) in tongue.grammar.definite and following not in wishes | tongue.grammar.aspects


def _is_count(speech: Speech, at: int) -> bool:
    tongue = speech.known.tongue
    word = speech.get_word(at)
    if word in tongue.currencies:
        word = speech.get_word(at + 1)  # "Make that $65".
    return word.isdecimal() or word in tongue.numbers


def _find_demonstrative(speech: Speech, at: int) -> Mention | None:
    """As in "I'll take that" points; "that sounds good", "something that fits" and "goggles that fit" do not."""
    grammar = speech.known.tongue.grammar
    following, previous = speech.get_word(at + 1), speech.get_word(at - 1)
    named = any(span.kind == "category" and span.after == at for span in speech.spans.values())
    if named and following in grammar.verbs:
        return None
    if speech.tokens[at].possessive or following in grammar.after_idle_that | grammar.subjects:
        return None
    ends = at > 0 and (not following[:1].isalnum() or following in grammar.verbs | grammar.inside)
    if previous not in grammar.before_that and not ends:
        return None
    content = following.isalpha() and following not in speech.known.tongue.stopwords
    if content and previous not in grammar.copulas and following not in grammar.verbs:
        return None
    return Mention(kind="pronoun_one", first=at, after=at + 1, plural=False, demonstrative=True)


_FORECASTS = frozenset({"will", "might", "may", "could", "can"})
_BECOMES = frozenset({"be", "get"})
_FALLS = frozenset({"rain", "snow", "freeze", "pour", "hail"})


def _is_dummy(speech: Speech, at: int) -> bool:
    """True for an "it" that means no goods: "limit it to grey", "it should be blue", "make it three"."""
    grammar = speech.known.tongue.grammar
    previous, following = speech.get_word(at - 1), speech.get_word(at + 1)
    if speech.tokens[at].possessive and speech.get_word(at) == "it" and following in grammar.after_idle_it:
        return True
    told = speech.get_word(at + 2) if following in grammar.copulas | {"gets"} else following
    if previous in grammar.before_weather and told in grammar.weather:
        return True
    if previous == "do" and speech.get_word(at) == "it" and not following[:1].isalnum():
        return True  # "Yes, do it": what was offered.
    # "It will rain", "it might get cold".
    ahead = at + 2 + (speech.get_word(at + 2) in _BECOMES)
    if following in _FORECASTS and speech.get_word(ahead) in grammar.weather | _FALLS:
        return True
    if previous in grammar.before_idle_it or previous in grammar.relative - grammar.prepositions:
        return True
    if previous in grammar.fussy and (previous != "is" or following in grammar.after_idle_it):
        return not _is_fit_for(speech, at)
    return is_eased(speech, at) or following in grammar.must


def is_eased(speech: Speech, at: int) -> bool:
    """As in "they don't have to be waterproof", "it needn't be red": what was wished for is let go, of no goods."""
    grammar = speech.known.tongue.grammar
    following, then = speech.get_word(at + 1), speech.get_word(at + 2)
    return (following in grammar.negated and then in grammar.needing) or (
        following in grammar.easing and (following != "need" or then in grammar.negated)
    )


_FIT = frozenset({"ok", "okay", "fine", "alright"})
_WHERE = frozenset({"in", "on", "with", "for", "under", "near", "outside", "outdoors"})


def _is_fit_for(speech: Speech, at: int) -> bool:
    """As in "is it ok in salt water?"; "is it ok with you?" asks for leave."""
    told, behind = speech.get_word(at + 2), speech.get_word(at + 3)
    people = speech.known.tongue.grammar.subjects | {"me", "us"}
    return speech.get_word(at + 1) in _FIT and told in _WHERE and behind not in people


def find_implied(speech: Speech) -> Mention | None:
    """Answers the phrase that a question about "the price" leaves out; None where the message is no such
    question.
    """
    words = [token.word for token in speech.tokens]
    if _is_elliptic(speech):
        return Mention(kind="implied", first=0, after=len(words), plural=False)
    similar = _find_similar(speech)
    if similar is not None:
        return Mention(kind="implied", first=similar, after=similar + 1)
    grammar = speech.known.tongue.grammar
    if any(word in grammar.indefinite and word not in grammar.asking for word in words):
        return None
    if any(span.kind == "category" for span in speech.spans.values()):
        return None
    for at, word in enumerate(words):
        if word in grammar.aspects and _is_asked(speech, words, at) and not _tells_value(speech, at):
            return Mention(kind="implied", first=at, after=at + 1)
    return None


def find_chosen(speech: Speech) -> Mention | None:
    """As in "which one is organic?", "which are for beginners?": the goods shown last, of which some are asked for."""
    grammar = speech.known.tongue.grammar
    at = next((at for at, token in enumerate(speech.tokens) if token.is_word), 0)
    while speech.get_word(at) in grammar.conjunctions:
        at += 1
    after = at + 1
    if speech.get_word(at) not in grammar.choosing & grammar.asking:
        return None
    standin = speech.get_word(after) in grammar.standin_one | grammar.standin_many
    after += standin
    following = speech.get_word(after)
    auxiliary = following in speech.known.tongue.stopwords - grammar.copulas - grammar.having
    told = standin or following in grammar.copulas | grammar.having | grammar.suiting
    if not following.isalpha() or auxiliary or not told:
        return None
    return Mention(kind="pronoun_many", first=at, after=after, plural=True, partitive="choose")


def _is_elliptic(speech: Speech) -> bool:
    """As in "in medium?", "and in red?": another variant of what is in focus."""
    grammar = speech.known.tongue.grammar
    words = [token.word for token in speech.tokens if token.is_word]
    while words and words[0] in grammar.asking | grammar.about:
        words = words[1:]
    goods = any(span.kind == "category" for span in speech.spans.values())
    asks = "?" in speech.text or speech.get_word(0) not in grammar.inside
    return asks and 1 < len(words) <= _LONGEST_ELLIPSIS and words[0] in grammar.inside and not goods


def _find_similar(speech: Speech) -> int | None:
    """As in "Something similar", "in the same size": what is compared with is left out."""
    grammar = speech.known.tongue.grammar
    for at in range(len(speech.tokens)):
        word, following = speech.get_word(at), speech.get_word(at + 1)
        priced = following in speech.known.tongue.cues["price"]
        if word in grammar.similar and following not in grammar.indefinite and not priced:
            return at
        named = any(span.kind == "category" and span.after == at for span in speech.spans.values())
        if word in grammar.demonstrative_one and following in grammar.aspects and not named:
            return at
    return None


def _tells_value(speech: Speech, at: int) -> bool:
    """As in "size 10", "color blue please": says what it is to be, and asks nothing."""
    known, asking = speech.known, speech.known.tongue.grammar.asking
    if "?" in speech.text or any(speech.get_word(before) in asking for before in range(at)):
        return False
    word = speech.get_word(at + 1)
    span = speech.spans.get(at + 1)
    named = span is not None and span.kind in ("color", "value")
    return named or word.isdecimal() or word in known.tongue.sizes


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
