"""Taking one noun phrase apart: from its opening word over its modifiers to its noun."""

from dataclasses import dataclass, field

from conversations.language.amounts import find_ordinal
from conversations.language.order import find_order
from conversations.language.plurals import is_plural
from conversations.language.tongue import Direction, Grammar
from conversations.references.mentions import Bag, Mention, MentionKind, Speech, get_words
from conversations.references.ranking import find_ranked
from conversations.references.spans import Span

_MOST_UNKNOWN = 2
_SHORTEST_SUPERLATIVE = 5


@dataclass(slots=True)
class PhraseParts:
    """A phrase while it is being read."""

    at: int
    wants: list[Span] = field(default_factory=list)
    variants: list[Span] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    extreme: tuple[str, Direction] | None = None
    ranked: tuple[str, ...] = ()
    count: int | None = None
    opened: bool = False
    headed: bool = False
    standin: bool = False
    demonstrative: bool = False
    whole: bool = False
    other: bool = False
    plural: bool | None = None
    place: int | None = None
    placed: bool = False
    bag: Bag = ""


def read_opening(speech: Speech, parts: PhraseParts) -> None:
    """Reads "the", "those two", "both of the", "all these"."""
    grammar = speech.known.tongue.grammar
    while True:
        word = speech.get_word(parts.at)
        if parts.at in speech.spans and speech.spans[parts.at].after > parts.at + 1:
            return  # A name that starts like a phrase: "The North Shop".
        if word in grammar.definite:
            pass
        elif word in grammar.demonstrative_one or word in grammar.demonstrative_many:
            parts.demonstrative = True
            parts.plural = word in grammar.demonstrative_many
        elif word in grammar.both:
            parts.whole, parts.plural = True, True
            parts.count = 2
        elif word in grammar.all_of:
            parts.whole, parts.plural = True, True
        elif not (word in grammar.part_of and parts.opened):
            return
        parts.opened = True
        parts.at += 1


def read_body(speech: Speech, parts: PhraseParts) -> None:
    """Reads modifiers and the noun; stops behind the noun, or where the phrase cannot go on."""
    while parts.at < len(speech.tokens):
        if parts.headed:
            _read_second_noun(speech, parts)
            return
        if not (_read_span(speech, parts) or _read_counting(speech, parts) or _read_small(speech, parts)):
            return


def give_back_predicate(speech: Speech, parts: PhraseParts, *, first: int) -> None:
    """As in "is the second waterproof?": what ends the question is asked of the goods, and does not tell which."""
    grammar = speech.known.tongue.grammar
    asks = speech.get_word(first - 1) in grammar.copulas
    opens = (
        first < 2
        or speech.get_word(first - 2) in grammar.conjunctions
        or not speech.tokens[first - 2].is_word
    )
    ranked = (parts.positions or parts.extreme) and not parts.headed and not parts.standin
    ends = parts.at == len(speech.tokens) or not speech.tokens[parts.at].is_word
    if asks and opens and ranked and ends and parts.wants and parts.wants[-1].after == parts.at:
        parts.at = parts.wants[0].first
        parts.wants.clear()


def read_superset(speech: Speech, parts: PhraseParts) -> None:
    """Reads "of the two" after "the cheaper": the set that it is the cheaper one of."""
    grammar = speech.known.tongue.grammar
    ranks = bool(parts.extreme or parts.positions)
    if not ranks or parts.standin or speech.get_word(parts.at) not in grammar.part_of:
        return
    at = parts.at + 1
    while speech.get_word(at) in grammar.pointing | grammar.pronoun_many | grammar.all_of:
        at += 1
    number = speech.get_word(at) in speech.known.tongue.numbers or speech.get_word(at).isdecimal()
    parts.at = at + 1 if number else at
    span = speech.spans.get(parts.at)
    if span:
        parts.wants.append(span)
        parts.at = span.after


def _read_span(speech: Speech, parts: PhraseParts) -> bool:
    span = speech.spans.get(parts.at)
    word = speech.get_word(parts.at)
    grammar = speech.known.tongue.grammar
    if word in grammar.standin_one or word in grammar.standin_many:
        return _read_standin(speech, parts, word, grammar)
    if span is None or (word in grammar.aspects and span.kind != "category" and not parts.wants):
        return False
    if _is_order_ahead(speech, parts):
        return False
    parts.wants.append(span)
    parts.at = span.after
    if span.kind == "category":
        parts.headed = True
        _note_number(parts, speech.get_word(span.after - 1), grammar)
    return True


def _is_order_ahead(speech: Speech, parts: PhraseParts) -> bool:
    found = find_order(speech.tokens, parts.at, speech.known.tongue)
    span = speech.spans.get(parts.at)
    return bool(found and span and span.kind != "color" and span.kind != "category")


def _read_standin(speech: Speech, parts: PhraseParts, word: str, grammar: Grammar) -> bool:
    parts.standin = True
    parts.at += 1
    many = word in grammar.standin_many
    if parts.plural is None or many:
        parts.plural = many or (parts.count or 1) > 1
    if speech.get_word(parts.at) in grammar.part_of and (parts.at + 1) in speech.spans:
        parts.at += 1  # "The pair of grey trousers": the noun follows, the number is told.
        return True
    parts.headed = True
    return True


def _read_second_noun(speech: Speech, parts: PhraseParts) -> None:
    """As in "The coffee table lamp": nouns in a row, of which the last one is the head."""
    span = speech.spans.get(parts.at)
    word = speech.get_word(parts.at)
    grammar = speech.known.tongue.grammar
    if parts.standin:
        return
    if span and span.kind == "category":
        parts.wants.append(span)
        parts.at = span.after
        _note_number(parts, speech.get_word(span.after - 1), grammar)
    elif span and word.isdecimal():
        # "The Dale Tent 2": the number that its name ends in.
        parts.wants.append(span)
        parts.at = span.after
    elif word in grammar.standin_one or word in grammar.standin_many:
        parts.at += 1
        parts.plural = word in grammar.standin_many


def _note_number(parts: PhraseParts, noun: str, grammar: Grammar) -> None:
    if parts.count is not None:
        parts.plural = parts.count > 1
    elif noun in grammar.paired:
        parts.plural = None if parts.plural is not False or parts.standin else False
    else:
        parts.plural = noun.endswith("s") and is_plural(noun)


def _read_counting(speech: Speech, parts: PhraseParts) -> bool:
    tongue = speech.known.tongue
    ordinal = find_ordinal(speech.tokens, parts.at, tongue)
    if ordinal:
        parts.positions.append(ordinal[0])
        parts.at = ordinal[1]
        return True
    order = find_ranked(speech, parts.at)
    if order:
        parts.extreme = (order.measure, order.direction)
        parts.ranked = get_words(speech.tokens, first=order.first, after=order.after)
        parts.at = order.after
        return True
    word = speech.get_word(parts.at)
    number = tongue.numbers.get(word) if word not in tongue.grammar.counting_noun else None
    number = int(word) if word.isdecimal() and len(word) < 3 else number
    if number is None or number < 1:
        return False
    parts.count = int(number)
    parts.plural = parts.count > 1
    parts.at += 1
    return True


def _read_small(speech: Speech, parts: PhraseParts) -> bool:
    """Reads "other", joints between modifiers, words that mean nothing here, and unknown adjectives."""
    grammar = speech.known.tongue.grammar
    word = speech.get_word(parts.at)
    if word in grammar.other:
        parts.other = True
        parts.at += 1
        if word not in grammar.one_other:
            parts.plural, parts.headed = True, True
        return True
    if word in grammar.places and not parts.wants:
        parts.place = grammar.places[word]
        parts.at += 1
        return True
    if word in grammar.conjunctions:
        return _read_joint(speech, parts)
    if word in grammar.modal_noise or (word == "-" and parts.unknown):
        parts.at += 1
        return True
    return _read_unknown(speech, parts)


def _read_joint(speech: Speech, parts: PhraseParts) -> bool:
    grammar = speech.known.tongue.grammar
    after = parts.at
    while speech.get_word(after) in grammar.conjunctions:
        after += 1
    span = speech.spans.get(after)
    goes_on = span is not None and span.kind in ("color", "value") and bool(parts.wants)
    counts_on = bool(parts.positions) and find_ordinal_at(speech, after)
    if goes_on or counts_on:
        parts.at = after
        return True
    return False


def find_ordinal_at(speech: Speech, at: int) -> bool:
    """True where an ordinal starts at the index."""
    return at < len(speech.tokens) and find_ordinal(speech.tokens, at, speech.known.tongue) is not None


def _read_unknown(speech: Speech, parts: PhraseParts) -> bool:
    tongue = speech.known.tongue
    word = speech.get_word(parts.at)
    if not word.isalpha() or word in tongue.stopwords or word in tongue.grammar.aspects:
        return False
    if word in tongue.grammar.copulas or word in tongue.grammar.prepositions:
        return False
    following = parts.at + 1
    if speech.get_word(following) == "-":
        following += 1
    noun_ahead = any(_is_noun(speech, index) for index in range(following, following + _MOST_UNKNOWN))
    if not noun_ahead and (not parts.wants or parts.unknown):
        return False
    if word.endswith("est") and len(word) > _SHORTEST_SUPERLATIVE and not parts.extreme:
        parts.ranked = (word,)
        parts.extreme = (word, "high")  # "The safest one": no measure says which.
    parts.unknown.append(word)
    if _is_name(speech, parts.at):
        parts.names.append(word)
    parts.headed = not noun_ahead
    parts.at = following if noun_ahead else parts.at + 1
    return True


def _is_name(speech: Speech, at: int) -> bool:
    """True for a capital inside a sentence: nobody says "the Meadow lamp" of a lamp that is called Heron."""
    shouted = speech.text.isupper() or speech.text.istitle()
    return at > 0 and not shouted and speech.text[speech.tokens[at].start].isupper()


def _is_noun(speech: Speech, at: int) -> bool:
    word = speech.get_word(at)
    grammar = speech.known.tongue.grammar
    return at in speech.spans or word in grammar.standin_one or word in grammar.standin_many


def build_mention(parts: PhraseParts, *, kind: MentionKind, first: int, negated: bool = False) -> Mention:
    """Answers the phrase as it was read."""
    plural = parts.plural
    if parts.count is not None and parts.count > 1:
        plural = True
    return Mention(
        kind=kind,
        first=first,
        after=parts.at,
        wants=tuple(parts.wants),
        variants=tuple(parts.variants),
        names=tuple(parts.names),
        unknown=tuple(parts.unknown),
        standin=parts.standin,
        demonstrative=parts.demonstrative,
        plural=plural,
        count=parts.count,
        whole=parts.whole,
        positions=tuple(parts.positions),
        extreme=parts.extreme,
        ranked=parts.ranked,
        other=parts.other,
        negated=negated,
        place=parts.place,
        placed=parts.placed,
        bag=parts.bag,
    )
