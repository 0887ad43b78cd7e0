"""The form of a language's tables. A translator writes one module that fills it; the code stays as it is."""

from typing import Literal

import msgspec

Direction = Literal["low", "high"]


def word_set(words: str) -> frozenset[str]:
    """Answers the words of a line as a table."""
    return frozenset(words.split())


class Grammar(msgspec.Struct, frozen=True, kw_only=True):
    """The small words that say whether a phrase points at something, and how."""

    definite: frozenset[str]
    """"the" and its like."""
    demonstrative_one: frozenset[str]
    demonstrative_many: frozenset[str]
    indefinite: frozenset[str]
    """Words that open a description of something wanted: "a", "some", "any"."""
    both: frozenset[str]
    all_of: frozenset[str]
    pronoun_one: frozenset[str]
    pronoun_many: frozenset[str]
    standin_one: frozenset[str]
    """Nouns that stand for any goods: "one", "item", "pair"."""
    standin_many: frozenset[str]
    other: frozenset[str]
    another: frozenset[str]
    conjunctions: frozenset[str]
    prepositions: frozenset[str]
    paired: frozenset[str]
    """Nouns whose plural names one thing: "jeans", "scissors", "shoes"."""
    relative: frozenset[str]
    """Words that open a clause about the noun before them: "that", "which", "with"."""
    copulas: frozenset[str]
    auxiliaries: frozenset[str]
    """Verbs that open a question and leave its own verb to the end: "what does the cheapest weigh?"."""
    acquiring: frozenset[str]
    """Verbs by which goods are taken: "buy", "add", "take"."""
    taking: frozenset[str]
    """Those of them that nobody uses for goods not yet seen: "add", "purchase"."""
    searching: frozenset[str]
    """Verbs by which goods are asked for: "show", "find", "have"."""
    aspects: frozenset[str]
    """Nouns for what goods have: "price", "reviews", "brand"."""
    fact_questions: tuple[str, ...]
    """Phrases that ask for such a thing without its noun: "how much", "who makes"."""
    qualifying: frozenset[str]
    """The preposition that opens a quality: "with"."""
    places: dict[str, int]
    """Words for a place in a row of cards: 0 is the first, -1 the last; others are kept as no place."""
    place_openers: frozenset[str]
    """Prepositions that open a place."""
    loose_openers: frozenset[str]
    """Those of them that also join two things compared: "to", "in"."""
    place_joints: frozenset[str]
    """Small words inside a place: "of", "far", "side"."""
    bags: frozenset[str]
    """Names of the cart."""
    putting: frozenset[str]
    """Verbs by which goods are put into the cart, so that "in my cart" is where they are to go."""
    towards: frozenset[str]
    """Prepositions of where goods are to go: "to my cart"."""
    leaving: frozenset[str]
    """What stands before "of the cart": "out"."""
    bought: frozenset[str]
    beginnings: frozenset[str]
    """Where a talk began: "at the start"."""
    denying: frozenset[str]
    too: frozenset[str]
    buyers: frozenset[str]
    """Who bought it: "I", "we"."""
    purchases: frozenset[str]
    """Nouns for what was ordered at once: "order"."""
    earlier_orders: frozenset[str]
    """Words that say which order is meant: "last", "previous"."""
    newest: frozenset[str]
    """Those of them that mean the newest."""
    shown: frozenset[str]
    """Verbs for what the assistant did with goods: "showed", "mentioned"."""
    speakers: frozenset[str]
    earlier: frozenset[str]
    memory_noise: frozenset[str]
    articles: frozenset[str]
    possessives: frozenset[str]
    """Words that make goods the shopper's own: "my"."""
    of_somebody: frozenset[str]
    """Words that speak of somebody else: "he", and "wears", which no shopper says of himself."""
    field_names: frozenset[str]
    verbs: frozenset[str]
    """Verbs that end a noun phrase."""
    similar: frozenset[str]
    utmost: dict[str, Direction]
    """Which end of a measure is meant: "the most torque", "the lowest weight"."""
    measuring_out: frozenset[str]
    """Words before what has no number: "the most light", "enough space"."""
    suiting: frozenset[str]
    """Verbs for what goods are used with: "which one fits the MK4410?"."""
    """Words that compare with what is in focus: "same", "similar"."""
    fussy: frozenset[str]
    """Verbs whose "it" is the search: "limit it to", "narrow it down"."""
    easing: frozenset[str]
    """Verbs that take a demand back: "they needn't", and "need not"."""
    negated: frozenset[str]
    needing: frozenset[str]
    """Verbs that with a negation take a demand back: "it doesn't have to", "it doesn't matter"."""
    must: frozenset[str]
    """Words by which "it" asks for something of goods not yet known: "it should have"."""
    before_that: frozenset[str]
    """Words after which a lone "that" points at goods: "take that", "of this"."""
    after_idle_that: frozenset[str]
    """Words after a lone "that" that points at none: "that sounds good"."""
    dropping: frozenset[str]
    """Verbs after which "that" is what was said: "scratch that"."""
    none_of: frozenset[str]
    """Words before "of them" that refuse all of them: "none", "neither"."""
    before_idle_it: frozenset[str]
    after_idle_it: frozenset[str]
    shopkeeping: frozenset[str]
    """What "they" do who keep a shop: "do they ship to Alaska?"."""
    before_weather: frozenset[str]
    """Behind these and before `weather` an "it" means no goods: "when it's cold"."""
    weather: frozenset[str]
    asking: frozenset[str]
    """Words that open a question: "what", "how"."""
    about: frozenset[str]
    landmarks: tuple[str, ...]
    """Phrases after which goods are named only to say where others are: "next to"."""
    having: frozenset[str]
    comparing: frozenset[str]
    """Words that ask for a comparison, of more than one."""
    idle_about: frozenset[str]
    """Verbs after which "about that" is no question: "think about that"."""
    subjects: frozenset[str]
    """Pronouns that open a clause: "that it should be blue"."""
    each: frozenset[str]
    something: frozenset[str]
    """Words for goods of any kind."""
    wishers: frozenset[str]
    wishing: frozenset[str]
    """As in "I'm looking for": the subject of a wish and its verb."""
    leading_up: frozenset[str]
    """What joins a wish to the reason before it: "and", "so"."""
    part_of: frozenset[str]
    """The preposition between a part and its whole: "of"."""
    adding: frozenset[str]
    """The conjunction that adds: "and"."""
    either: frozenset[str]
    """The conjunction that offers a choice: "or"."""
    excluding: tuple[str, ...]
    """Phrases before goods that are not meant: "other than"."""
    replacing: tuple[str, ...]
    """Phrases before goods that give way to others: "instead of"."""
    to_be_had: frozenset[str]
    """Words that say goods can be had in some way: "available"."""
    also: frozenset[str]
    """Words by which a message adds to what was settled: "also", "too"."""
    standing_by: frozenset[str]
    """Those single words of the landmarks that nothing else begins with."""
    plain_relative: frozenset[str]
    """Those of the relative words that any noun can have behind it: "of", "in"."""
    counting_noun: frozenset[str]
    """Number words that are nouns for goods first: "one"."""
    one_other: frozenset[str]
    elsewhere: frozenset[str]
    """Words that ask for goods not seen yet: "something", "else"."""
    before_each: frozenset[str]
    """Words before a lone "each": "one of each"."""
    benefiting: frozenset[str]
    """The preposition before whom goods are for: "for"."""
    inside: frozenset[str]
    """The preposition of colours and sizes: "in red"."""
    thanks: frozenset[str]
    giving: frozenset[str]
    choosing: frozenset[str]
    """Words before "of these" that choose from a set instead of meaning it: "any", "which", "none"."""
    modal_noise: frozenset[str]
    """Words that may stand between a determiner and its noun and mean nothing for the choice."""

    @property
    def pointing(self) -> frozenset[str]:
        """Every word that opens a phrase about known goods."""
        return self.definite | self.demonstrative_one | self.demonstrative_many


class Tongue(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A language: its numbers, colours, sizes, money and the cues of its talk about goods."""

    stemmer: str
    grammar: Grammar
    numbers: dict[str, float]
    multipliers: dict[str, int]
    fractions: dict[str, float]
    minus: frozenset[str]
    """Words and signs before a temperature below zero."""
    ordinals: dict[str, int]
    """"last" is -1."""
    ordinal_endings: frozenset[str]
    colors: dict[str, tuple[str, ...]]
    """A family's name with the shades in it."""
    color_spellings: dict[str, str]
    color_modifiers: dict[str, str]
    sizes: dict[str, str]
    """Names of letter sizes: "extra large" is "XL"."""
    size_words: frozenset[str]
    sized_parts: dict[str, float]
    """How a part of the whole is said before a word for size: "half size"."""
    currencies: dict[str, str]
    units: dict[str, tuple[str, float]]
    """A unit's name with what it measures and its size in that measure's base unit."""
    forms: dict[str, str]
    """Adjectives of materials and the like, with the noun: "wooden" is "wood"."""
    synonyms: tuple[tuple[str, ...], ...]
    broader: dict[str, tuple[str, ...]]
    """A wide noun with what it covers: "top" covers "blouse"."""
    departments: frozenset[str]
    """Those of the wide nouns under which things differ too much to be taken for one another: "clothes"."""
    recipients: dict[str, tuple[str, ...]]
    """Words for people goods are for, by group: women, men, girls, boys, children, babies."""
    recipient_values: dict[str, tuple[str, ...]]
    """What a shop may call the goods for each of these groups; `everybody` are goods for all."""
    seat_words: frozenset[str]
    """Nouns by which goods count people: "person", "seater"."""
    seating: frozenset[str]
    """Words before such a count, and names of it: "sleeps 4", "capacity"."""
    comparatives: dict[str, tuple[str, Direction]]
    superlatives: dict[str, tuple[str, Direction]]
    degrees: dict[str, tuple[str, Direction]] = {}
    """Plain adjectives that ask for much of a measure, without a limit: "a warm sleeping bag"."""
    dimensions: dict[str, str]
    """What a plain adjective is about: "tall" is about height."""
    aging: frozenset[str]
    """Words before somebody's age: "aged 6", "turning 7"."""
    years: frozenset[str]
    packs: frozenset[str]
    """Stems of what goods are packed in: "bag", "bottl"."""
    dating: frozenset[str]
    """Words around a number that make a year of it: "newer", "since"."""
    stopwords: frozenset[str]
    ordinary: frozenset[str]
    """Words of any talk, which are no slip of anything's name."""
    introducing: frozenset[str]
    """Words before a quality: "with", "be", "only"."""
    containing: frozenset[str]
    """What opens the name of an attribute that tells of something in goods: "contains nuts"."""
    adjectives: frozenset[str]
    """Qualities that their endings do not show."""
    adjective_endings: tuple[str, ...]
    before_numbers: frozenset[str]
    """Small words between a cue and its number: "under a", "budget is"."""
    spending: frozenset[str]
    """Words between a refusal and the bound it turns round, or behind a price: "nothing priced over 50"."""
    turning: frozenset[str]
    """Words between the halves of a name told the other way round: "shoes for running"."""
    cues: dict[str, tuple[str, ...]]
    """Phrases by what they say: `at_most`, `at_least`, `around`, `forget`, `any`, …"""
