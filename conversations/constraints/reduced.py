"""Goods that are to cost less than usual: "discounted tents", "tents on sale"."""

from conversations.constraints.reading import Draft
from conversations.constraints.scan import Scan
from conversations.events.constraints import Op

FIELD = "on_sale"
_REACH = 2
"""So many words may stand between "discounted" and the goods: "discounted red tents"."""


def read_reduced(scan: Scan) -> tuple[Draft, ...]:
    """Answers the term that goods are reduced in price, where goods are sought and not what comes off them."""
    grammar = scan.tongue.grammar
    goods = [spot for spot in scan.spots if any(term.field == "category" for term in spot.terms)]
    standins = [at for at, token in enumerate(scan.tokens) if token.word in grammar.standin_many]
    known = bool(scan.ledger.list_for("category")) and bool(standins)
    if not goods and not known:
        return ()
    # "Reduced red tents" are tents, "reduced sugar jam" costs what it costs.
    described = {at for spot in scan.spots for at in range(spot.first, spot.after)}
    firsts = {*(spot.first for spot in goods), *standins}
    for cue in scan.cues.list_of("reduced"):
        before = any(
            at in firsts and described >= set(range(cue.after, at))
            for at in range(cue.after, cue.after + _REACH + 1)
        )
        describes = scan.tokens[cue.first].word not in grammar.prepositions
        if describes and not before:
            continue  # "Jam with reduced sugar" costs what it costs.
        if _is_aside(scan, at=cue.first):
            continue
        refused = scan.cues.find_ending_at("not", at=cue.first) is not None
        op: Op = "!=" if refused else "="
        return (Draft(field=FIELD, op=op, value="yes", first=cue.first, after=cue.after),)
    return ()


def _is_aside(scan: Scan, *, at: int) -> bool:
    """As in "they don't have to be on sale", "I bought a tent on sale last year": no such goods are sought."""
    sentence = next(((first, after) for first, after in scan.list_sentences() if first <= at < after), None)
    return sentence is not None and scan.has_word("reduced_aside", first=sentence[0], after=sentence[1])
