"""English."""

from conversations.language.en.colors import COLOR_MODIFIERS, COLOR_SPELLINGS, COLORS
from conversations.language.en.compare import COMPARATIVES, SUPERLATIVES
from conversations.language.en.cues import CUES
from conversations.language.en.goods import (
    BROADER,
    DEPARTMENTS,
    FORMS,
    RECIPIENT_VALUES,
    RECIPIENTS,
    SEAT_WORDS,
    SEATING,
    SYNONYMS,
)
from conversations.language.en.grammar import (
    ADJECTIVE_ENDINGS,
    ADJECTIVES,
    BEFORE_NUMBERS,
    GRAMMAR,
    INTRODUCING,
    SPENDING,
    STOPWORDS,
    TURNING,
)
from conversations.language.en.quantities import (
    CURRENCIES,
    FRACTIONS,
    MINUS,
    MULTIPLIERS,
    NUMBERS,
    ORDINAL_ENDINGS,
    ORDINALS,
    SIZE_WORDS,
    SIZES,
    UNITS,
)
from conversations.language.tongue import Tongue

ENGLISH = Tongue(
    stemmer="english",
    grammar=GRAMMAR,
    numbers=NUMBERS,
    multipliers=MULTIPLIERS,
    fractions=FRACTIONS,
    minus=MINUS,
    ordinals=ORDINALS,
    ordinal_endings=ORDINAL_ENDINGS,
    colors=COLORS,
    color_spellings=COLOR_SPELLINGS,
    color_modifiers=COLOR_MODIFIERS,
    sizes=SIZES,
    size_words=SIZE_WORDS,
    currencies=CURRENCIES,
    units=UNITS,
    forms=FORMS,
    synonyms=SYNONYMS,
    broader=BROADER,
    departments=DEPARTMENTS,
    recipients=RECIPIENTS,
    recipient_values=RECIPIENT_VALUES,
    seat_words=SEAT_WORDS,
    seating=SEATING,
    comparatives=COMPARATIVES,
    superlatives=SUPERLATIVES,
    stopwords=STOPWORDS,
    introducing=INTRODUCING,
    adjectives=ADJECTIVES,
    adjective_endings=ADJECTIVE_ENDINGS,
    before_numbers=BEFORE_NUMBERS,
    spending=SPENDING,
    turning=TURNING,
    cues=CUES,
)
