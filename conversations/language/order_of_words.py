"""The places of words: from the order of another language to that of English."""

import re
from collections.abc import Sequence

from conversations.language.adverbs import put_also_first
from conversations.language.asking import turn_questions
from conversations.language.catalogue import Rules
from conversations.language.counted_goods import count_first, count_goods
from conversations.language.parted_verbs import join_verbs
from conversations.language.pieces import Piece
from conversations.language.preferring import refuse_others

_CLAUSE_ENDS = frozenset(".,!?;:")
_MODALS = frozenset({"can", "could", "would", "want", "like", "will", "may", "should", "must", "need"})
_WANTING = ("want", "would like", "need")
_INTO_CART = frozenset({"in the cart", "in the basket", "to the cart", "to the basket", "in my cart"})
_POINTED_BACK = re.compile(r"\b(?:it|they|them|that one|those)\b")
_NAMING = frozenset({"the", "this", "noun", "name", "adjective", "ordinal", ""})
_FEWEST_NAMED = 2
_FORMS = 4
"""So many a catalogue gives behind an adjective: more, most, less and least of it."""
_TOLD = frozenset(
    {"is", "are", "was", "have", "do", "does", "what", "how", "why", "add", "i'll", "i'm", "make", "remove"}
)
_LEADING = frozenset({"and", "then", "please", "ok", "okay", "yes", "no", "so", ",", "good", "great"})
_OF_GOODS = frozenset(
    {"the", "a", "this", "noun", "name", "adjective", "ordinal", "number", "object", "joint"}
)
_OF_OWN = frozenset({"my", "of", "from", "please", "both", "all", "of those"})
_SUBJECTS = frozenset({"i", "we", "you"})
_QUALIFYING = frozenset({"with", "from", "of", "in", "for", "without"})
"""Words behind "the one": "das mit den besten Bewertungen"."""
_SHADES = frozenset({"light", "dark", "bright"})
_NAMED_BEHIND = frozenset({"size", "code", "coupon", "voucher", "voucher code", "model", "order", "number"})
"""Nouns that have their name behind them in English too: "size M"."""
_NOUNS = ("noun", "name", "")
_DESCRIBING = ("adjective", "ordinal", "number")
_MOST_DESCRIBING = 4


def arrange(pieces: Sequence[Piece], rules: Rules) -> list[Piece]:
    """Answers the pieces where English has them, with the small words that English adds."""
    arranged = refuse_others(_join_clauses(join_verbs(pieces, rules.parted), rules), rules)
    arranged = _compare(arranged, rules)
    arranged = _tell_parts(_tell_compared(_tell_vague(arranged, rules)), rules)
    arranged = _put_topics_back(_tell_objects(arranged, rules))
    if rules.adjectives == "after":
        arranged = _put_adjectives_first(arranged)
    arranged = _put_names_first(arranged, rules)
    arranged = count_first(_put_shades_first(arranged) if rules.adjectives == "after" else arranged)
    if rules.verbs_last:
        arranged = _pull_verbs(arranged)
    arranged = _add_standins(_add_verbs(_add_to(put_also_first(arranged))), rules)
    return count_goods(turn_questions(_add_subjects(arranged)))


def _add_verbs(pieces: list[Piece]) -> list[Piece]:
    """As in "dann das leichtere in den Korb", "la azul fuera": what goes into the cart is to be added, or taken out."""
    words = [piece.english for piece in pieces]
    told = any(piece.tag == "verb" or set(piece.english.split()) & _TOLD for piece in pieces)
    into = any(word in _INTO_CART for word in words)
    out = [word for word in words if word[:1].isalpha() and word not in _LEADING][-1:] == ["out"]
    if told or "?" in words or not (into or out):
        return pieces
    opening = next((at for at, word in enumerate(words) if word not in _LEADING), 0)
    add = Piece(
        own="",
        english="add" if into else "take",
        tag="verb",
        start=pieces[opening].start,
        end=pieces[opening].start,
    )
    return [*pieces[:opening], add, *pieces[opening:]]


def _add_to(pieces: Sequence[Piece]) -> list[Piece]:
    """As in "ich will es zurückschicken", "quiero ver": I want to send it back."""
    return [
        piece.become(english=f"to {piece.english}")
        if piece.tag == "verb" and at and pieces[at - 1].english.endswith(_WANTING)
        else piece
        for at, piece in enumerate(pieces)
    ]


def _join_clauses(pieces: Sequence[Piece], rules: Rules) -> list[Piece]:
    """As in "das Zelt, das ich gestern angesehen habe": English has no comma there, and says "that"."""
    arranged: list[Piece] = []
    for at, piece in enumerate(pieces):
        opens = piece.own in rules.relatives and [each.english for each in pieces[at + 1 : at + 2]]
        behind = [each.own == "," for each in arranged[-1:]] == [True] and arranged[-2:-1]
        if opens and opens[0] in _SUBJECTS and behind and behind[0].tag in _NOUNS:
            arranged.pop()
            arranged.append(piece.become(english="that", tag="small", own=""))
        else:
            arranged.append(piece)
    return arranged


def _put_topics_back(pieces: list[Piece]) -> list[Piece]:
    """As in "elle est lavable, la chemise ?": goods named behind their pronoun stand where English has them."""
    end = len(pieces)
    while end and pieces[end - 1].tag == "mark":
        end -= 1
    comma = next((at for at in range(end - 1, 0, -1) if pieces[at].english == ","), 0)
    named = pieces[comma + 1 : end]
    if not comma or not named or named[0].tag not in ("the", "this") or len(named) < _FEWEST_NAMED:
        return pieces
    if any(piece.tag not in _NAMING for piece in named):
        return pieces
    meant = [at for at in range(comma) if _POINTED_BACK.search(pieces[at].english)]
    if len(meant) != 1:
        return pieces
    pronoun = pieces[meant[0]]
    before, after = (part.strip() for part in _POINTED_BACK.split(pronoun.english, maxsplit=1))
    if before == "is" and not after:
        before, after = "", "is"
    opening, closing = ([pronoun.become(english=part)] if part else [] for part in (before, after))
    return [*pieces[: meant[0]], *opening, *named, *closing, *pieces[meant[0] + 1 : comma], *pieces[end:]]


def _tell_vague(pieces: list[Piece], rules: Rules) -> list[Piece]:
    """As in "was Leichtes", "nix Schwarzes", "nada de negro": something light, nothing black, not black."""
    return [
        piece.become(english="not")
        if piece.english == "nothing from" and at + 1 < len(pieces) and pieces[at + 1].tag == "adjective"
        else piece.become(english=rules.vague[piece.own], tag="small")
        if piece.own in rules.vague and at + 1 < len(pieces) and _is_bent(pieces[at + 1], rules)
        else piece
        for at, piece in enumerate(pieces)
    ]


def _tell_compared(pieces: list[Piece]) -> list[Piece]:
    """As in "vergleich das rote mit dem blauen": what is compared with something is compared as well."""
    compares = any(piece.english.startswith("compare") for piece in pieces)
    return [
        piece.become(english="and") if compares and piece.english == "with" else piece for piece in pieces
    ]


def _tell_parts(pieces: list[Piece], rules: Rules) -> list[Piece]:
    """As in "celui des Pyrénées", "la tente du vendeur": behind goods it is "of the", elsewhere "some"."""
    return [
        piece.become(english=rules.of[piece.own], tag="the")
        if piece.own in rules.of and at and _is_goods(pieces[at - 1])
        else piece
        for at, piece in enumerate(pieces)
    ]


def _is_goods(piece: Piece) -> bool:
    return piece.tag in ("noun", "name") or piece.english in ("the one", "the ones")


def _is_bent(piece: Piece, rules: Rules) -> bool:
    """Whether an adjective has the ending that one before a noun has; in most languages none differs."""
    return piece.tag == "adjective" and (not rules.bent_endings or piece.own.endswith(rules.bent_endings))


def _add_subjects(pieces: Sequence[Piece]) -> list[Piece]:
    """As in "¿cuánto cuesta?": how much is it."""
    arranged: list[Piece] = []
    for at, piece in enumerate(pieces):
        arranged.append(piece)
        last = at + 1 == len(pieces) or pieces[at + 1].tag == "mark"
        if last and piece.english.startswith("how ") and piece.english.endswith((" is", " are")):
            subject = "it" if piece.english.endswith(" is") else "they"
            arranged.append(Piece(own="", english=subject, tag="object", start=piece.end, end=piece.end))
    return arranged


def _compare(pieces: list[Piece], rules: Rules) -> list[Piece]:
    """As in "más barato", "la moins chère": the word before the adjective compares; after an article it ranks."""
    words = (*rules.comparing, *rules.comparing_less)
    arranged: list[Piece] = []
    compared = False
    for piece in pieces:
        before = arranged[-1] if arranged else None
        if before and before.own in words and piece.english.count("|") == _FORMS:
            more, most, less, least = piece.english.split("|")[1:]
            arranged.pop()
            ranks = _is_ranked(arranged)
            if len(arranged) > 1 and arranged[-1].english == "the" and arranged[-2].tag in _NOUNS:
                arranged.pop()  # "La lampe la moins chère" has the article twice.
            fewer = before.own in rules.comparing_less
            english = (least if ranks else less) if fewer else (most if ranks else more)
            arranged.append(
                Piece(own=piece.own, english=english, tag="adjective", start=before.start, end=piece.end)
            )
            compared = True
        elif compared and piece.own in rules.than:
            arranged.append(piece.become(english="than", tag="small"))
            compared = False
        else:
            arranged.append(piece)
    return [
        piece.become(english=piece.english.split("|")[0], tag=piece.tag) if "|" in piece.english else piece
        for piece in arranged
    ]


def _is_ranked(before: Sequence[Piece]) -> bool:
    """As in "la más barata", "la lámpara más barata": an article makes the comparing a ranking."""
    plain = [piece for piece in before if piece.tag != "number"]
    nearest = plain[-2:-1] if len(plain) > 1 and plain[-1].tag in _NOUNS else plain[-1:]
    return [piece.tag for piece in nearest] == ["the"]


def _tell_objects(pieces: list[Piece], rules: Rules) -> list[Piece]:
    """As in "la quiero", "je les prends": before a verb an article is its object, and English has it behind."""
    arranged: list[Piece] = []
    at = 0
    while at < len(pieces):
        piece = pieces[at]
        following = pieces[at + 1] if at + 1 < len(pieces) else None
        if piece.own in rules.objects and following and following.tag == "verb":
            arranged += [following, piece.become(english=rules.objects[piece.own], tag="object")]
            at += 2
            continue
        hangs = arranged and arranged[-1].own == "-" and len(arranged) > 1 and arranged[-2].tag == "verb"
        if hangs and piece.own in rules.enclitics:
            arranged.pop()
            arranged.append(piece.become(english=rules.enclitics[piece.own], tag="object"))
        elif piece.own in rules.standins and following and {*following.english.split()[:1]} & _QUALIFYING:
            arranged.append(piece.become(english=rules.standins[piece.own], tag="object"))
        elif piece.own in rules.lone and _stands_alone(pieces, at, rules):
            qualified = bool(
                following and following.english in _QUALIFYING and following.own not in rules.instead
            )
            many = at > 0 and pieces[at - 1].english in ("are", "were")
            again = "it" if not many and _has_named(pieces[:at]) else ""
            english = "the one" if qualified else again or ("those" if many else rules.lone[piece.own])
            arranged.append(piece.become(english=english, tag="object"))
        else:
            arranged.append(piece)
        at += 1
    return arranged


def _has_named(before: Sequence[Piece]) -> bool:
    """Whether goods stand in an earlier clause: "den zweiten, was wiegt der?" asks about that one."""
    ends = [at for at, piece in enumerate(before) if piece.tag == "mark" and piece.english in _CLAUSE_ENDS]
    return bool(ends) and any(piece.tag in ("the", "this") for piece in before[: ends[-1]])


def _stands_alone(pieces: Sequence[Piece], at: int, rules: Rules) -> bool:
    """Whether an article has no noun behind it; an adjective without an ending is said of it: "ist die leicht?"."""
    if not _goes_on(pieces, at + 1):
        return True
    said_of_it = pieces[at + 1].tag == "adjective" and not _is_bent(pieces[at + 1], rules)
    return said_of_it and not _goes_on(pieces, at + 2)


def _goes_on(pieces: Sequence[Piece], at: int) -> bool:
    """True where a noun phrase goes on: with an adjective, a number, a noun or a word nobody knows."""
    return at < len(pieces) and pieces[at].tag in (*_DESCRIBING, *_NOUNS)


def _put_adjectives_first(pieces: list[Piece]) -> list[Piece]:
    """As in "la lámpara azul y blanca": the blue and white lamp."""
    arranged: list[Piece] = []
    at = 0
    while at < len(pieces):
        piece = pieces[at]
        if piece.tag not in _NOUNS:
            arranged.append(piece)
            at += 1
            continue
        after = _find_end_of_adjectives(pieces, at + 1)
        arranged += [*_put_shades_first(pieces[at + 1 : after]), piece]
        at = after
    return arranged


def _put_names_first(pieces: list[Piece], rules: Rules) -> list[Piece]:
    """As in "la lampe Heron", "Schuhe Acme", "la valise cabine": the Heron lamp, the cabin suitcase."""
    arranged = list(pieces)
    for at in range(1, len(arranged)):
        before, piece = arranged[at - 1], arranged[at]
        told = piece.tag == "noun" and rules.adjectives == "after" and piece.english not in _NAMED_BEHIND
        named = piece.tag == "name" or (told and bool(piece.own))
        if named and before.tag == "noun" and before.own and before.english not in _NAMED_BEHIND:
            arranged[at - 1], arranged[at] = piece, before
    return arranged


def _put_shades_first(adjectives: Sequence[Piece]) -> list[Piece]:
    """As in "azul oscuro": dark blue."""
    arranged = list(adjectives)
    for at in range(1, len(arranged)):
        if arranged[at].english in _SHADES and arranged[at - 1].tag == "adjective":
            arranged[at - 1], arranged[at] = arranged[at], arranged[at - 1]
    return arranged


def _find_end_of_adjectives(pieces: Sequence[Piece], at: int) -> int:
    end = at
    while end < len(pieces) and end - at < _MOST_DESCRIBING:
        joined = pieces[end].tag == "joint" and end > at
        nearest = end + 1 if joined else end
        if nearest >= len(pieces) or pieces[nearest].tag not in ("adjective", "ordinal"):
            break
        end = nearest + 1
    return end


def _pull_verbs(pieces: list[Piece]) -> list[Piece]:
    """As in "kannst du mir die Lampe zeigen": the verb at the end of the clause goes behind the one that helps it."""
    arranged: list[Piece] = []
    clause: list[Piece] = []
    for piece in (*pieces, None):
        if piece is not None and not (piece.tag == "mark" and piece.english in _CLAUSE_ENDS):
            clause.append(piece)
            continue
        arranged += _pull_verb(clause)
        arranged += [piece] if piece else []
        clause = []
    return arranged


def _pull_verb(clause: list[Piece]) -> list[Piece]:
    last = len(clause) - 1
    if last < 1:
        return clause
    if clause[last].english in ("have", "had") and clause[last - 1].tag == "verb":
        return _pull_participle(clause)
    if clause[last].tag != "verb":
        return clause
    helping = next((at for at in range(last - 1, -1, -1) if set(clause[at].english.split()) & _MODALS), None)
    if helping is None:
        return _open_with_verb(clause)
    after = helping + 1
    while after < last and clause[after].english in ("i", "you", "me", "us", "we", "please"):
        after += 1
    me = [piece for piece in clause[helping + 1 : after] if piece.english in ("me", "us")]
    others = [piece for piece in clause[helping + 1 : after] if piece.english not in ("me", "us")]
    return [*clause[: helping + 1], *others, clause[last], *me, *clause[after:last]]


def _open_with_verb(clause: list[Piece]) -> list[Piece]:
    """As in "den Helm entfernen": remove the helmet."""
    *before, verb = clause
    opening = next((at for at, piece in enumerate(before) if piece.english not in _LEADING), len(before))
    goods = before[opening:]
    asks = not goods or any(piece.tag not in _OF_GOODS and piece.english not in _OF_OWN for piece in goods)
    return clause if asks else [*before[:opening], verb, *goods]


def _pull_participle(clause: list[Piece]) -> list[Piece]:
    """As in "das ich gestern gekauft habe": that I bought yesterday."""
    done = len(clause) - 2
    subject = next((at for at in range(done - 1, -1, -1) if clause[at].english in _SUBJECTS), None)
    if subject is None:
        return clause
    return [*clause[: subject + 1], clause[done], *clause[subject + 1 : done]]


def _add_standins(pieces: list[Piece], rules: Rules) -> list[Piece]:
    """As in "die blaue", "el azul": English needs a "one" where the noun is left out."""
    arranged: list[Piece] = []
    for at, piece in enumerate(pieces):
        arranged.append(piece)
        if piece.tag not in ("adjective", "ordinal") or _goes_on(pieces, at + 1):
            continue
        if piece.tag == "adjective" and not _is_bent(piece, rules):
            continue
        opening = _find_opening(pieces, at)
        joined = at + 2 < len(pieces) and pieces[at + 1].tag == "joint" and pieces[at + 2].tag == "adjective"
        if opening is None or joined:
            continue
        many = opening.own in rules.plural or (
            bool(rules.plural_endings)
            and opening.own not in rules.singular
            and piece.own.endswith(rules.plural_endings)
        )
        arranged.append(
            Piece(own="", english="ones" if many else "one", tag="noun", start=piece.end, end=piece.end)
        )
    return arranged


def _find_opening(pieces: Sequence[Piece], at: int) -> Piece | None:
    """The article that opens the phrase; None where it has none, or counts its goods."""
    for before in range(at - 1, max(at - _MOST_DESCRIBING - 1, -1), -1):
        tag = pieces[before].tag
        if tag in ("the", "this"):
            return pieces[before]
        if tag not in ("adjective", "ordinal", "joint"):
            return None
    return None
