"""English as people type it: short forms without their mark, and small words misspelt or cut short."""

import re
from collections.abc import Mapping
from typing import Final

from conversations.language.glossing import Gloss
from conversations.language.order import list_comparatives

_SPELT: Final[Mapping[str, str]] = {
    "whats": "what's", "thats": "that's", "dont": "don't", "doesnt": "doesn't", "didnt": "didn't", "isnt": "isn't",
    "arent": "aren't", "wasnt": "wasn't", "wont": "won't", "cant": "can't", "couldnt": "couldn't",
    "wouldnt": "wouldn't", "shouldnt": "shouldn't", "havent": "haven't", "hasnt": "hasn't", "im": "I'm",
    "ive": "I've", "youre": "you're", "theyre": "they're", "hows": "how's", "wheres": "where's", "whos": "who's",
    "theres": "there's", "u": "you", "ur": "your", "plz": "please", "pls": "please",
    "wich": "which", "wat": "what", "wot": "what", "somthing": "something", "somethin": "something",
    "smth": "something", "anythng": "anything", "anythin": "anything", "cheeper": "cheaper", "cheapr": "cheaper",
    "chepest": "cheapest", "cheapst": "cheapest", "lookin": "looking", "gimme": "give me", "wanna": "want to",
    "abt": "about", "w/o": "without", "teh": "the", "hav": "have", "recomend": "recommend", "reccomend": "recommend",
    "colur": "colour", "coulour": "colour", "othr": "other", "agian": "again", "instaed": "instead",
    "insted": "instead", "becuase": "because", "bcs": "because", "2nd": "second", "1st": "first", "3rd": "third",
    "ones'": "ones",
    "tho": "though", "thru": "through", "cuz": "because", "coz": "because", "bday": "birthday", "ty": "thank you",
    "yea": "yeah", "yah": "yeah", "okey": "ok", "sthg": "something", "sth": "something", "alot": "a lot",
    "rly": "really", "shouldve": "should have", "couldve": "could have", "lemme": "let me",
    "nvm": "never mind", "gotta": "have to", "dunno": "don't know", "whatve": "what have",
}  # fmt: skip
"""Small words of the language alone; names of goods are the shop's to spell."""
_WORD: Final = re.compile(r"(?<![\w'’/-])(?:w/o|\d[a-z]{2}|[a-z]+)(?![\w'’-])", re.IGNORECASE)
_WISHES: Final = re.compile(
    r"(?<![\w'’])(?:(?P<i>ill)(?= (?:take|have|get|need|go|buy)\b)|(?P<d>id)(?= like\b))", re.IGNORECASE
)


_WITH: Final = re.compile(r"(?<![\w'’/.-])(?<!\d )w(?=(?:/| )\s?[a-z])", re.IGNORECASE)
"""As in "does it come w a bag": no watts."""
_TAGGED: Final = re.compile(
    r"^\W*(?:(?:but|and|so|ok(?:ay)?|hm+)\W+)*"
    r"(?P<has>(?P<it>it|that one|this one|that|this)(?: has|'s got| has got))\b[^.?!]*?"
    r"(?P<tag>,? (?:right|correct|doesn't it|no))\W*$",
    re.IGNORECASE,
)
"""As in "but it has a cable, right?": a question, though it is not put as one."""


_NONE_THEN: Final = re.compile(
    r"^\W*(?:(?:so|ah|oh|and|then|ok(?:ay)?|hm+) )*(?P<no>(?:so )?no)"
    r"(?= (?!(?:need|problem|worries|idea|way|thanks?|thank|good|more|one|i|it|that|the|is|do|luck|rush|hurry)\b)"
    r"[a-z][\w' -]{2,40}(?:,? then)?\?\W*$)",
    re.IGNORECASE,
)
"""As in "so no white in 38?": asks whether there is, and refuses nothing."""
_HAD: Final = re.compile(
    r"\b(?:i|we) (?P<had>had)(?= (?:the )?last (?:time|week|month|year|summer|winter|christmas)\b| before\W*$)"
    r"|\bsame\b[^.?!]*\b(?:i|we) (?P<again>had)\W*$",
    re.IGNORECASE,
)
"""As in "the same again of the tea I had": what was bought."""
_CAN_MOST: Final = re.compile(
    r"\bwhich\b[^.?!]*? (?P<can>(?:can|could|will|would|does|do) (?P<verb>hold|take|carry|support|bear|handle|fit))"
    r"(?= (?:the )?(?:most|heaviest|more)\b)",
    re.IGNORECASE,
)
"""As in "which one can take the most weight?": which takes the most."""
_SAME_BUT: Final = re.compile(
    r"^\W*(?:(?:and|so|ok(?:ay)?|hm+|well|actually|now|(?:do|have) you (?:have|got)|is there|show me)\W+)*"
    r"(?P<like>(?:(?:something|anything|one) )?like )?"
    r"(?P<which>the same(?: one)?|(?:this|that)(?: one)?|it|the (?:first|second|third|fourth|fifth|last)(?: one)?)"
    r"(?P<but>,? (?:but|only|just))(?: in)?(?= (?P<more>[a-z][\w' -]{2,30}?)(?:,? (?:please|though|then))?\W*$)",
    re.IGNORECASE,
)
"""As in "that one but cheaper": what differs from it so is asked for, and not the thing itself."""
_MORE_THAN: Final = re.compile(
    r"\b(?:(?:an?|any|some) )?(?P<more>[a-z]{3,}er|(?:more|less) [a-z]{3,}) (?:ones?|options?) (?=than\b)",
    re.IGNORECASE,
)
"""As in "a cheaper one than the first"."""
_NOTE: Final = re.compile(r"\b(?:an? )?(?P<note>tenner|fiver)\b", re.IGNORECASE)
_NOTES: Final[Mapping[str, str]] = {"tenner": "10", "fiver": "5"}
"""As in "nothing over a tenner": a sum by the note that it is paid with."""
_NEXT: Final = re.compile(
    r"^\W*(?:(?:and|ok(?:ay)?|right|so|great)\W+)*(?P<next>now|next|then)(?=,? (?:an?|some) "
    r"(?!(?:extra |size |very )?(?:small|medium|large|big|\w+er|different|other|quick|last|question|few|couple|size)\b)"
    r"[a-z][\w' -]{2,30}[.;!] )",
    re.IGNORECASE,
)
"""As in "now a cap. And what's your return policy?": the next goods, before something else is asked."""
_TOP: Final = re.compile(r"(?<=\bthe )top(?= (?:one|two|three|four|five|\d)\b)", re.IGNORECASE)
"""As in "compare the top two": those that stand first."""
_WHAT_RANKED: Final = re.compile(
    r"^\W*(?:(?:and|so|ok(?:ay)?|but)\W+)*(?P<what>what)"
    r"(?= (?!(?:ones?|else|kind|type|sort)\b)[a-z][\w'-]+ (?:is|are) the (?:most|least|\w+est)\b)",
    re.IGNORECASE,
)
"""As in "what bag is the biggest one?": which of those."""
_FOR_SIZE: Final = re.compile(
    r"\b(?:swap|exchange|change|switch|trade|replace)\b(?:(?!\bsize\b)[^.?!])*\b(?:for|to|with)(?P<a>(?: an?| the)?) "
    r"(?:(?:extra )?(?:small|large)|medium|x{0,3}[sl]|m)(?P<one> one)?(?:,? please)?\W*$",
    re.IGNORECASE,
)
"""As in "swap the leggings for a large", "swap it for L": a size, and no goods."""
_CALLED: Final = re.compile(
    r"\bwhat(?:['’]?s| is| was| were| are) (?P<what>(?:the|that|this|it|they|those|these)\b[\w' -]{0,40}?) called"
    r"(?: again)?\W*$",
    re.IGNORECASE,
)
_ONE_THAT_IS: Final = re.compile(
    r"\b(?:one|ones|something|anything|some|any) (?:that|which) (?P<verb>is|are|does|do|has|can|will)\W*$",
    re.IGNORECASE,
)
_ASKED_OF_IT: Final = re.compile(
    r"\b(?:is|are|does|do|has|have|can|will) (?:it|they|these|those|(?:that|this) one|that|this"
    r"|the [\w'-]+(?: ones?)?) (?:really |also )?(?P<told>[a-z][\w' -]{2,40}?)\W*$",
    re.IGNORECASE,
)


def find_left_unsaid(said: str, *, before: str) -> str:
    """As in "I need one that is", after "is it waterproof?": the message with what was asked before; else nothing."""
    open_, asked = _ONE_THAT_IS.search(said), _ASKED_OF_IT.search(before)
    return f"{said[: open_.end('verb')]} {asked['told']}" if open_ and asked else ""


def _list_as_compared(said: str) -> list[tuple[int, int, str]]:
    found: list[tuple[int, int, str]] = []
    if (same := _SAME_BUT.match(said)) and list_comparatives(same["more"]):
        which = "that one" if same["which"].lower().startswith("the same") else same["which"]
        found += [
            (*same.span("like"), "") if same["like"] else (same.start("which"), same.start("which"), ""),
            (*same.span("which"), f"something like {which}"),
            (*same.span("but"), " but"),
        ]
    found += [(*than.span(), f"something {than['more']} ") for than in _MORE_THAN.finditer(said)]
    return [each for each in found if each[0] < each[1]]


def _list_tagged(said: str) -> list[tuple[int, int, str]]:
    match = _TAGGED.match(said)
    if match is None:
        return []
    return [(*match.span("has"), f"does {match.group('it')} have"), (*match.span("tag"), "?")]


def spell_out(read: Gloss) -> Gloss:
    """The message with its small words as they are written in full; the shopper's own for them stay known."""
    found = [
        (match.start(), match.end(), "I'll" if match.group("i") else "I'd")
        for match in _WISHES.finditer(read.text)
    ]
    found += [
        (match.start(), match.end(), _SPELT[match.group().lower()])
        for match in _WORD.finditer(read.text)
        if match.group().lower() in _SPELT
    ]
    found += [(*match.span(), "with") for match in _WITH.finditer(read.text)]
    found += _list_tagged(read.text)
    found += _list_as_compared(read.text)
    if had := _HAD.search(read.text):
        found.append((*had.span("had" if had["had"] else "again"), "bought"))
    if can := _CAN_MOST.search(read.text):
        found.append((*can.span("can"), f"{can['verb']}s"))
    found += [(*note.span(), _NOTES[note["note"].lower()]) for note in _NOTE.finditer(read.text)]
    found += [(*after.span("next"), "show me") for after in _NEXT.finditer(read.text)]
    found += [(*top.span(), "first") for top in _TOP.finditer(read.text)]
    if size := _FOR_SIZE.search(read.text):
        found += [(*size.span("a"), " size"), *([(*size.span("one"), "")] if size["one"] else [])]
    if called := _CALLED.search(read.text):
        found.append((*called.span(), f"what's the name of {called['what']}?"))
    if ranked := _WHAT_RANKED.match(read.text):
        found.append((*ranked.span("what"), "which"))
    if none := _NONE_THEN.match(read.text):
        found.append((*none.span("no"), "do you have"))
    for start, end, english in sorted(found, reverse=True):
        read = read.replace(start=start, end=end, english=english)
    return read
