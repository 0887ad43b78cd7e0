"""What is taken for a street or a telephone number by its looks, in the languages of the chat.

Numbers stand everywhere in a talk about goods, so a pattern asks for more than a number: capitals, what stands around
it, or that nothing else is said. What no pattern takes: a name, and bare digits beside which nothing says "call me",
since a GTIN, an order and a customer key look like them.
"""

import re

GOODS = (
    "tb|gb|mb|ft|inch(?:es)?|cm|mm|kg|lbs?|oz|ml|mah|hz|packs?|pcs|pairs?|units?|speed"
    "|hard|external|portable|flash|usb|ssd|thumb"
)
STOPS = (
    rf"{GOODS}|a|an|and|are|at|by|for|from|in|is|it|me|my|of|off|on|or|over|per|than|the|to|under|way|with|your"
    "|auf|bis|für|mit|oder|ohne|und|unter|über|größe"
    "|avec|couleur|en|entre|max|moins|ou|plus|pointure|pour|sans|taille|à"
    "|con|hasta|hay|menos|más|máximo|número|o|para|por|precio|que|sin|talla|uso"
)
"""Words of which no name of a street is made, but a sentence about goods."""
NAME = rf"(?!(?:{STOPS})(?![\w'’]))[^\W\d_](?:[^\W_]|['’.-])*"
ENGLISH_NAME = rf"(?:{NAME}|\d{{1,3}}(?:st|nd|rd|th))"
ENGLISH_NAMES = rf"{ENGLISH_NAME}(?:\s+{ENGLISH_NAME}){{0,2}}"
NAMES = rf"{NAME}(?:\s+{NAME}){{0,4}}"
NUMBER = (
    r"\d{1,4}[a-z]?(?:\s?[-–/]\s?\d{1,4}[a-z]?)?\b(?!\d|[.-]\d|,\d{1,2}\b)"
    r"(?!\s?(?:[€$£%]|euros?\b|eur\b|usd\b|dollars?\b|[ckm]?m\b|k?g\b|paare?\b|stück\b|personen\b|piezas?\b|pièces?\b|pairs?\b))"
)
"""A house's number at the end of its street: no price, no measure and no count of something."""
FIRST = r"(?<![\w$€£])(?<!\d[.,])(?<![A-Za-z]-)\d{1,5}(?:-\d{1,4})?[a-z]?,?\s+"
"""A house's number before its street: no part of a price or of a SKU."""
POSTCODE = r"(?:[a-z]{1,2}\d[a-z\d]?\s?\d[a-z]{2}|[a-z]{2}\s+\d{5})\b"
ENDS = (
    r"(?:\s+(?:[ns][ew]?|[ew])\b)?(?=\s*(?:$|[\n,;.!?)])|\s+(?:apt|apartment|flat|suite|unit|please|thanks)\b"
    rf"|\s+(?:[a-z]+\s+){{0,3}}{POSTCODE})"
)
"""What follows on an address that stands alone: the end of a clause, a door, or a town with its code."""
BEGINS = r"(?P<kept>(?:^|[\n,;:.!?(])\s*)"
STANDS = r"(?P<kept>(?:^|[\n,;:.!?(]|\b(?:à|a|au|en|es|est|vivo|to|at|is|in|on)\b)\s*(?:\bla\s+)?)"
GOES_TO = (
    r"(?P<kept>\b(?:deliver\w*|ship\w*|send|sent|post|address|lives?|living|moved?|home|house"
    r"|adresse|liefer\w*|schick\w*|wohn\w*|livr\w*|envoy\w*|habit\w*|enví\w*|envi\w*|direcci[oó]n|vivo|domicilio|entreg\w*)\b"
    r"[^.!?\n\d]{0,30}?(?:\b(?:to|at|is|in|on|an|nach|ist|lautet|à|au|est|a|en|es)\b|:)\s*)"
)
"""What says that an address follows."""
WAYS = r"(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|court|ct|square|sq|boulevard|blvd|way|place|pl|terrace)\b\.?"
VERBS_OF_CALLS = (
    r"(?:call|ring|text|phone|reach|contact|whatsapp)\s+(?:me|us)"
    r"|(?:ruf|rufen|rufe|erreich\w*|schreib\w*)\s+(?:sie\s+)?(?:mich|uns)"
    r"|(?:appele[zr]|appelle|contacte[zr]?|joindre)[ -](?:moi|nous)"
    r"|(?:ll[aá]m[ae]n?|escr[ií]b[ae]n?|contact[ae]n?)(?:me|nos)"
)
NAMES_OF_PHONES = (
    r"(?:my|our|mein\w*|unser\w*|mon|ma|notre|mi|nuestro)\s+"
    r"(?:phone|mobile|cell(?:phone)?|tele(?:ph|f)on|tel|handy|whatsapp|number|nummer|t[ée]l[ée]phone|t[ée]l|portable|mobil|num[ée]ro"
    r"|tel[eé]fono|m[oó]vil|celular|n[uú]mero)"
    r"|(?:phone|mobile|cell|telephone|contact|whatsapp)\s+(?:number|no)"
    r"|(?:telefon|handy|mobil|ruf)nummer|num[ée]ro\s+de\s+(?:t[ée]l[ée]phone|portable)|n[uú]mero\s+de\s+(?:tel[eé]fono|m[oó]vil)"
    r"|(?:phone|mobile|whatsapp|telefon|handy|t[ée]l[ée]phone|portable|tel[eé]fono|m[oó]vil)\s*(?=:)|t[eé]l(?=[\s.:])"
)
BETWEEN = (
    r"(?:[\s:.,]+(?:phone|telephone|mobile|number|no|nr|is|at|on|please|bitte|ist|lautet|unter|an|auf|der|die|est|au|sur|le|es|el"
    r"|al|en)\b){0,4}[\s:.]*"
)


def _read(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)


ENGLISH = _read(
    # The number first. With capitals anywhere; else beside what says so, or where a clause holds nothing more.
    rf"{FIRST}(?:(?!(?:{GOODS})\b)(?:(?-i:[A-Z])[\w'’.-]*|\d{{1,3}}(?:st|nd|rd|th))\s+){{1,4}}{WAYS}",
    rf"{FIRST}{ENGLISH_NAMES}\s+(?:street|st|avenue|ave|boulevard|blvd)\b\.?{ENDS}",
    rf"{BEGINS}{FIRST}{ENGLISH_NAMES}\s+{WAYS}{ENDS}",
    rf"{GOES_TO}{FIRST}{ENGLISH_NAMES}\s+{WAYS}",
)
GERMAN = _read(
    # One word, or an adjective before it.
    rf"\b[^\W\d_][\w'’.-]{{1,40}}(?:straße|strasse|gasse|allee)\s+{NUMBER}",
    rf"\b[^\W\d_][\w'’.-]{{2,40}}(?:str\.\s*|(?-i:[Ss]tr)\s+){NUMBER}",
    rf"\b(?!(?:dies|ein|jed|mein|dein|sein|ihr|unser|welch|all|ander|gut)er\b)(?:[^\W\d_][\w-]{{2,40}}er|alte|neue|lange|kurze|hohe|breite)"
    rf"\s+(?:straße|strasse|str\.|allee)\s*{NUMBER}",
    rf"(?-i:\b[A-ZÄÖÜ][\wäöüß.-]{{0,40}}(?:weg|platz|ufer))\s+{NUMBER}",
    rf"{GOES_TO}[^\W\d_][\w-]{{1,40}}(?:weg|platz|ufer|ring|damm)\s+{NUMBER}",
)
FRENCH = _read(
    # The number on either side.
    r"\b\d{1,4}(?:\s?(?:bis|ter))?,?\s+(?:rue|avenue|boulevard|place|chemin|impasse|quai)\s+[\w'’ -]{3,40}",
    rf"(?<!\bde )(?<!\bpour la )\b(?:rue|avenue|boulevard|chemin|impasse|quai)\s+"
    rf"(?:(?:de\s+la|de\s+l['’]|du|des|de|d['’]|sainte?|st)\s*|(?=(?-i:[A-Z]))){NAMES}(?:,\s*|\s+){NUMBER}",
    rf"(?<!\bà la )(?<!\ben )\bplace\s+(?:(?:de\s+la|de|du|des)\s+)?(?=(?-i:[A-Z])){NAMES}(?:,\s*|\s+){NUMBER}",
    rf"{STANDS}(?:rue|avenue|boulevard|chemin|impasse)\s+{NAMES}(?:,\s*|\s+){NUMBER}",
)
SPANISH = _read(
    # The number last.
    rf"(?-i:\b(?:Calle|Avenida|Plaza|Paseo))\s+(?:\d{{1,2}}\s+de\s+)?{NAMES}(?:,\s*|\s+)(?:n[º°]\s*)?{NUMBER}",
    rf"{STANDS}(?:calle|c/|avenida|avda\.?|(?:plaza|paseo)(?=\s+(?:de|del|la)\s))\s*{NAMES}(?:,\s*|\s+)(?:n[º°]\s*)?{NUMBER}",
    rf"{GOES_TO}(?:la\s+)?(?:plaza|paseo|camino|ronda)\s+{NAMES}(?:,\s*|\s+)(?:n[º°]\s*)?{NUMBER}",
)
PHONES = _read(
    r"(?<!\w)\+\d[\d \-./()]{7,16}\d",
    r"(?<![\w.,$€£-])(?:"
    r"\(\d{2,5}\)[ \-./]?\d{2,5}(?:[ \-./]\d{2,5}){0,3}"
    r"|0\d{1,4}(?:[ \-./]\d{2,8}){1,4}"
    r"|0\d{10}"
    r"|[67]\d{2}[ \-.]\d{3}[ \-.]\d{3}"
    r"|\d{3}[ \-.]\d{3}[ \-.]\d{4}"
    r")(?![\w-]|[.,]\d)",
)
CALLS = _read(
    rf"(?P<kept>\b(?:{VERBS_OF_CALLS}|{NAMES_OF_PHONES}){BETWEEN})\d{{9,11}}(?![\w-]|[.,]\d)",
)
NUMBERED = re.compile(r"\d")
LOOKS = (
    (re.compile(rf"\s{WAYS}", re.IGNORECASE), ENGLISH),
    (re.compile(r"stra(?:ß|ss)e|gasse|allee|str[.\s]|weg\b|platz|ufer|ring\b|damm", re.IGNORECASE), GERMAN),
    (re.compile(r"\b(?:rue|avenue|boulevard|place|chemin|impasse|quai)\s", re.IGNORECASE), FRENCH),
    (re.compile(r"\b(?:calle|avenida|avda|plaza|paseo|camino|ronda)\b|\bc/", re.IGNORECASE), SPANISH),
    (NUMBERED, PHONES),
    (re.compile(r"\d{9}"), CALLS),
)
"""What a text must hold for the patterns beside it to be tried: a page has thousands of texts."""


def cover_looks(text: str, *, by: str) -> str:
    """The text with what looks like a street or a telephone number replaced."""
    if NUMBERED.search(text) is None:
        return text
    for hint, patterns in LOOKS:
        if hint.search(text) is not None:
            for pattern in patterns:
                text = pattern.sub(lambda found: found.groupdict().get("kept", "") + by, text)
    return text
