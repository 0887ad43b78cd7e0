"""Where one request of a message in English ends and the next begins, and which messages are taken part by part."""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import combinations, pairwise
from typing import Final

from commerce_agent.agent.understanding.asked_beside import asks_more_of_it, asks_of_others
from commerce_agent.agent.understanding.asking_after import names_code
from commerce_agent.agent.understanding.english.counting import NUMBER_WORDS, write_ones
from commerce_agent.agent.understanding.english.taking import NUMBER, PIECES
from commerce_agent.agent.understanding.finding_moves import find_moves
from conversations.language.glossing import Gloss
from conversations.language.tokens import list_stems
from conversations.language.tongues import get_tongue

_TONGUE: Final = get_tongue("en")
MOST_PARTS: Final = 4
_MOST_CLAUSES: Final = 12
"""Of a message of more than these nothing is taken apart."""
_SHORTEST_QUESTION: Final = 2
_ACTS: Final[frozenset[str]] = frozenset(
    {"add_to_cart", "take_from_cart", "set_quantity", "empty_cart", "check_out", "enter_code"}
)
"""What changes something: it is done for itself, whatever else is asked beside it."""
_PUTS_IN: Final[frozenset[str]] = frozenset({"add_to_cart", "set_quantity"})
_TAKEN_OR_PICKED: Final[frozenset[str]] = _PUTS_IN | {"pick"}
_ASKS: Final[frozenset[str]] = frozenset(
    {
        "policy", "promotions", "orders", "order_total", "money_back", "offer_stands", "show_cart", "stock", "price",
        "price_sum", "price_gap", "variants", "details", "compare", "recommend", "opinion", "why", "why_not",
        "search", "call_person",
    }
)  # fmt: skip
_GOODS_SOUGHT: Final = frozenset({"search", "goods"})
_TWO: Final = 2
_SMALL: Final = 3
"""Words of so few letters name no goods."""
_OF_ITEMS: Final[frozenset[str]] = frozenset(
    {"compare", "details", "recommend", "opinion", "variants", "price", "stock", "ask"}
)
"""Questions about items: behind "which is cheaper?" another one is about what that picked."""
_FIRM: Final[frozenset[str]] = frozenset(
    {
        "policy", "promotions", "orders", "order_total", "money_back", "offer_stands", "show_cart", "price_sum",
        "price_gap", "why", "why_not", "call_person",
    }
)  # fmt: skip
"""What is asked for in words of its own, without the mark or the order of a question."""
_LEAD: Final = r"(?:(?:also|then|please|now|maybe|just|ok(?:ay)?|oh|so|and|but|can you|could you)\W+)*"
QUESTION: Final = re.compile(
    rf"\?\W*$|^\W*{_LEAD}(?:what|what's|which|how|how's|when|where|who|why|is|are|was|does|do|did|has|have|can|could"
    r"|will|would|should|any)\b",
    re.IGNORECASE,
)
_SEEKS: Final = re.compile(
    rf"^\W*{_LEAD}(?:show|find|recommend|suggest|tell|give|compare)\b|\b(?:looking|searching) for\b"
    r"|\bi(?:'d| would)?(?: also| still| now)? (?:need|want|like)\b(?! to\b)"
    r"|^\W*(?:(?:oh|ah|ok(?:ay)?|right|hm+)\W+)*(?:now|next|and|then|also)\W+(?:an?|some|something|anything)\b",
    re.IGNORECASE,
)
_SEEKS_GOODS: Final = re.compile(
    rf"^\W*{_LEAD}(?:(?:do|have) you (?:also )?(?:have|got|sell|stock|carry)"
    r"|(?:show|find|recommend|suggest)(?: me| us)?|i(?:'m| am) (?:also )?(?:looking|searching) for"
    r"|i (?:also )?need|i(?:'d| would) (?:also )?like)"
    r" (?!(?:(?:any|some|all|the|a|an|another|more) )*(?:it|them|this|that|these|those|one|ones|something|anything"
    r"|everything|nothing|more|others?|cheaper|to|in|of|with|under|for|from|like|that|else|what|how|which|your|my|me)\b)"
    r"(?P<goods>(?:(?!(?:gifts?|presents?|things?|stuff|help|advice|ideas?)\b)[\w'-]+ ?){1,8})\W*$",
    re.IGNORECASE,
)
"""Asks to be shown goods, named in the clause itself: "do you have socks?"."""
_PICKS: Final = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|yes|yeah|right|good|great|fine|well|then|so|hm+)\W+)+(?:the|that|this) [\w-]+(?: [\w-]+)?"
    r"(?: in [\w.-]+(?: [\w.-]+)?)?(?: (?:then|please))?\W*$"
    r"|^\W*(?:(?:ok(?:ay)?|well|hm+)\W+)*(?!(?:now|no|yes|ok|so|well|right|and|but|just|only)\b)"
    r"[\w.-]+(?: [\w.-]+)? then\W*$",
    re.IGNORECASE,
)
"""Chooses and says no more: "ok the soprano"."""
_PLAIN_PICK: Final = re.compile(
    r"\W*(?:the|that|this) [\w-]+(?: [\w-]+){0,2},? (?:please|pls)\W*"
    r"|\W*(?:the |that |this )?(?:first|second|third|fourth|fifth|last|[\w-]+) one(?:,? (?:please|pls))?\W*",
    re.IGNORECASE,
)
"""Chooses as well, where goods are named beside it: "the red one please and some batteries for it"."""
_KINDS: Final = re.compile(
    r"^\W*(?:now|next|and now|then)\W+(?:(?:some|the) )?[\w-]+(?: [\w-]+){0,2}\W*$", re.IGNORECASE
)
"""Names the next kind of goods and says no more: "now hand blenders"."""
_ENDS: Final = re.compile(r"(?<=[.!?])[\s\"')]+(?=\S)|[;\n]")
_MARKS: Final = (".", "!", "?", ",", ":", ";")
_WORD: Final = re.compile(r"[\w'’]+")
_JOINT: Final = re.compile(
    r",? (?=(?:with|using) (?:the |my |this )?(?:promo |discount )?code )"
    r"|, (?=(?-i:(?:[Cc]ode|[Vv]oucher|[Cc]oupon) [A-Z0-9]{4,}\b))"
    rf"|, (?=(?:{NUMBER}) of (?:it|them|those|these)\b)"
    r"|,? (?=and (?:also )?an? (?:\d{1,3} )?[a-z' -]{3,40}(?:,? (?:please|too|as well))?\W*$)"
    r"|,? (?=and (?:some )?[a-z-]{3,}s(?: [a-z-]+s)? (?:for|to go with) (?:it|that|this|them|those)\W*$)"
    r"|(?:,? (?:and|then|and then|and also|also|plus|but)|,) (?=(?:(?:also|then|please|now) )*"
    r"(?:add|put|remove|drop|use|apply|enter|check ?out|show me|tell me|do you|does|is|are|can (?:i|you|we)"
    r"|could (?:i|you)|what(?:'s| is| are| do| does)|how (?:much|many|long|soon|do|does)|when|where|which"
    r"|i(?:'ll| will) (?:take|have)"
    r"|take (?:it|that|them|the|out)|make (?:it|that|the)|i (?:also )?need|i(?:'d| would) (?:also )?like)\b)",
    re.IGNORECASE,
)
_OF_THEM_AND: Final = re.compile(
    r"(?:(?<= one)|(?<= ones)|(?<=\b(?:it|em) in)),? and (?=(?:one|two|three|four|five|six|\d{1,2}) [a-z])"
    r"|(?:(?<=of them)|(?<=of those)|(?<=of these)|(?<=of it)),? (?:and|plus) (?=(?:also )?(?:the|one|two|three) )",
    re.IGNORECASE,
)
_AND_GOODS: Final = re.compile(
    r"\W*(?P<before>(?:(?:and|also|plus|then|oh)\W+)*)(?P<goods>(?:the|an?|some|one|two|three|four"
    r"|five|six|\d{1,2}) [\w' -]{2,40}?)"
    r"(?P<after>(?:,? (?:please|too|as well|also))*)\W*",
    re.IGNORECASE,
)
"""Names goods beside others that are put into the cart, and says no more: "and the silver minnow"."""
_COUNTED_BEHIND: Final = re.compile(
    rf"\W*(?:and|also|plus) (?P<goods>[a-z-]{{3,}}(?: [a-z-]+){{0,2}}), (?P<count>{NUMBER})(?: (?P<packs>{PIECES}))?"
    r"(?: of (?:it|them|those|these))?(?:,? (?:please|pls))?\W*",
    re.IGNORECASE,
)
"""As in "and liners, two packs": goods with their count behind them."""
_BARE_BESIDE: Final = re.compile(
    r"(?P<before>.*(?:\b(?:it|that|this|them|those|these|both|ones?|in|cart|basket|first|second|third|last)|,))"
    r"\s+(?P<beside>(?:and|plus|also) (?:some )?(?P<goods>[a-z-]{3,}?(?: [a-z-]{3,}?)??)"
    r"(?:,? (?:please|too|as well))*\W*)",
    re.IGNORECASE | re.DOTALL,
)
"""As in "put one in, and hay": goods named without an article beside what is taken."""
_NO_GOODS: Final = frozenset().union(
    _TONGUE.ordinary, _TONGUE.stopwords, _TONGUE.size_words, _TONGUE.sizes, _TONGUE.colors, _TONGUE.packs,
    _TONGUE.spending,
)  # fmt: skip
_NO_NOUN: Final = re.compile(r".+(?:ly|ed|ing|able|ible)|continue|proceed|ship|deliver|go|delivery")
"""How, or what is to be done: no goods, though now and then one ends so."""
_BARE_KIND: Final = re.compile(
    r"\W*(?:and|also|then|plus) (?!then\b|that\b|this\b|it\b|them\b|please\b|thanks?\b"
    r"|now\b)[a-z-]{3,}s(?: [a-z-]+s)?\W*",
    re.IGNORECASE,
)
"""Names a kind of goods beside what is put in: "4 packs. And wipes"."""
_FOR_PICKED: Final = re.compile(
    r"\W*and (?:some )?[a-z-]{3,}s(?: [a-z-]+s)? (?:for|to go with) (?:it|that|this|them|those)\W*",
    re.IGNORECASE,
)
"""Seeks goods for what is picked: "the blue one please, and batteries for it"."""
_PICKED: Final = frozenset({"pick"})
_TAKEN: Final = frozenset({"add_to_cart", "picked"})
_CHOSEN: Final = re.compile(r"\b(?:the|that|this) .*$", re.IGNORECASE | re.DOTALL)
_COUNTED_BESIDE: Final = re.compile(
    r"\W*(?:(?:and|also|plus|oh)\W+)+(?:two|three|four|five|six|\d{1,2}) ", re.IGNORECASE
)
"""As in "and two sleeping pads": so many pieces are no search."""
_BESIDE: Final = re.compile(r"\b(?:and|also|plus|too|as well)\b", re.IGNORECASE)
"""Without it the same goods are named again: "Add the lamp. The red one please."."""
_VERB: Final = re.compile(
    r"\b(?:is|are|was|were|has|have|had|does|do|did|costs?|looks?|seems?|fits?|needs?|goes|comes|will|would|can|could"
    r"|for|more|less|question|thing|total|rest|other|others)\b",
    re.IGNORECASE,
)
_OF_ONE_PIECE: Final = re.compile(
    r"\b(?:instead|swap|replace|exchange|trade|switch|rather|either|if|when|unless|before)\b"
    r"|\bchange\b[^.?!]*\b(?:for|to)\b|\bi (?:mean|meant)\b"
    r"|^\W*(?:no|nope|nah|wait|sorry|actually)\b"
    r"|[.!?;,]\s+(?:no(?=\W*[,.!]|,? (?:the|make|\d|one|two|three)\b)|nope|nah|actually|wait(?! times?\b)|sorry(?=,))",
    re.IGNORECASE,
)
"""Words by which one clause hangs on the other: a condition, a swap, a correction."""
_OWN_AND: Final = re.compile(r"\b(?:und|y|e|et)\s+$", re.IGNORECASE)
"""Stands before the goods in other languages and is a word of their part."""
_ASKS_LEAVE: Final = re.compile(
    r"\W*(?:(?:is|would|will) (?:that|this|it) (?:be )?(?:possible|ok(?:ay)?|fine|all ?right|doable)"
    r"|(?:can|could|would|will) you (?:do (?:that|this|it)|help(?: me)?(?: with (?:that|this|it))?)(?: for (?:me|us))?"
    r"|(?:does|would|will) (?:that|this|it) work|can (?:that|this|it) be done)(?:,? please)?\W*",
    re.IGNORECASE,
)
"""Asks whether what is said beside it can be done, and nothing else."""
_BARE: Final[frozenset[str]] = frozenset(
    {
        "i", "i'll", "i’ll", "will", "want", "can", "could", "you", "go", "ahead", "and", "so", "then", "now", "yes",
        "ok", "okay", "just", "please", "thanks", "for", "me", "of", "add", "put", "take", "get", "order", "remove",
        "delete", "check", "checkout", "out", "it", "that", "this", "them", "those", "these", "both", "all", "to", "in",
        "into", "on", "from", "my", "the", "cart", "basket", "bag",
    }
)  # fmt: skip
"""Words that name no goods."""


def list_parts(said: str, *, policies: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The requests of the message, where one of them changes something and another is of its own; else nothing.

    What requests nothing ("oak is fine") stays with the request behind it, else with the one before.
    """
    return _list_parts(said, tuple(policies))


def is_pick(said: str) -> bool:
    """As in "that one then": chooses, and says no more."""
    return bool(_PICKS.match(said) or _PLAIN_PICK.fullmatch(said))


def part_own_words(read: Gloss, *, parts: tuple[str, ...]) -> tuple[str, ...]:
    """The shopper's own words for each request of the message in English; nothing where one is not found in it."""
    starts: list[int] = []
    at = 0
    if not parts:
        return ()
    for part in parts:
        named = part if part in read.text[at:] else part.removeprefix("add ")
        found = read.text.find(named, at)
        if found < 0:
            return ()
        own, _ = read.get_own_span(start=found, end=found + len(named))
        joined = _OWN_AND.search(read.said[:own])
        starts.append(joined.start() if joined else own)
        at = found + len(named)
    bounds = [0, *starts[1:], len(read.said)]
    if bounds != sorted(set(bounds)):
        return ()
    return tuple(read.said[one:other].strip() for one, other in pairwise(bounds))


@lru_cache(maxsize=512)
def _list_parts(said: str, policies: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    if _OF_ONE_PIECE.search(said):
        return ()
    said = write_ones(said)
    apart = _ENDS.split(_OF_THEM_AND.sub("\nand ", said))
    clauses = [clause for part in apart if part for clause in _list_clauses(part)]
    if not 1 < len(clauses) <= _MOST_CLAUSES:
        return ()
    parts: list[str] = []
    kinds: list[frozenset[str]] = []
    aside = ""
    for clause in clauses:
        if aside and not parts and _PLAIN_PICK.fullmatch(aside) and _stands_beside(clause):
            parts, kinds, aside = [aside], [_PICKED], ""
        found, goods = _read_clause(clause, kinds=kinds, policies=policies)
        # "That one then. And check out": who orders buys what was chosen.
        if kinds[-1:] == [_PICKED] and (goods or found == {"check_out"}):
            parts[-1], kinds[-1] = _pick_for_cart(parts[-1]), _TAKEN
        if goods and found & _ACTS <= {"add_to_cart"}:
            # A part by itself, though what is done with it is the same.
            parts.append(f"add {goods}")
            kinds.append(frozenset({"add_to_cart", "goods"}))
            continue
        whole = _join(aside, clause) if aside else clause
        # "Add the fuel. Two of those": so many of what is put in.
        same = bool(parts) and (found == kinds[-1] or (found | kinds[-1]) <= _PUTS_IN)
        if found and same and found <= _ACTS and _names_nothing(clause):
            parts[-1] = _join(parts[-1], whole)
            aside = ""
        elif found:
            parts.append(whole)
            kinds.append(found)
            aside = ""
        else:
            aside = whole
    if aside and parts:
        parts[-1] = _join(parts[-1], aside)
    return tuple(parts) if _are_several(parts, kinds) else ()


def _read_clause(
    clause: str, *, kinds: list[frozenset[str]], policies: tuple[tuple[str, str], ...]
) -> tuple[frozenset[str], str | None]:
    """What the clause requests, and the goods that it names beside what the one before takes or chooses."""
    found = _find_requests(clause, policies) or _find_for_picked(clause, kinds=kinds)
    before = kinds[-1] if kinds else frozenset()
    goods = _find_goods_beside(clause) if before & _PUTS_IN else None
    if not goods and not found and before & _TAKEN_OR_PICKED and _names_bare(clause):
        found = frozenset({"search"})
    if not goods and before == _PICKED:
        goods = _find_counted_beside(clause)
    return found, goods


def _list_clauses(part: str) -> list[str]:
    if _COUNTED_BEHIND.fullmatch(part):
        return [part.strip()]
    clauses = [each.strip() for each in _JOINT.split(part) if each and each.strip()]
    bare = _BARE_BESIDE.fullmatch(clauses[-1]) if clauses else None
    if bare is None or not _are_goods(bare["goods"]):
        return clauses
    return [*clauses[:-1], bare["before"].rstrip(" ,"), bare["beside"]]


def _are_goods(words: str) -> bool:
    """Whether each of the words may be a thing's: "add it and done", "and pay" and "and medium" name nothing."""
    said = words.lower().split()
    return not any(word in _NO_GOODS or _NO_NOUN.fullmatch(word) for word in said)


def _names_bare(clause: str) -> bool:
    if _BARE_KIND.fullmatch(clause):
        return True
    bare = _BARE_BESIDE.fullmatch(f", {clause}")
    return bare is not None and _are_goods(bare["goods"])


def _stands_beside(clause: str) -> bool:
    """Whether goods are named beside what the clause before chose."""
    return bool(
        _FOR_PICKED.fullmatch(clause) or _find_counted_beside(clause) or _find_goods_beside(clause)
    ) or _names_bare(clause)


def _are_several(parts: list[str], kinds: list[frozenset[str]]) -> bool:
    """Whether the parts are requests of their own, each to be answered."""
    acts = [each & _ACTS for each in kinds]
    picks = any("pick" in each for each in kinds) or [each - {"goods"} for each in kinds] == [
        {"search"},
        {"compare"},
    ]
    if _seek_apart(parts, kinds) or asks_of_others(parts, kinds) or asks_more_of_it(parts, kinds):
        return True
    asks = len(parts) == _TWO and "compare" in kinds[0] and all(each and each <= _OF_ITEMS for each in kinds)
    return (
        1 < len(parts) <= MOST_PARTS
        and (any(acts) or picks or asks)
        and len({frozenset(each) for each in kinds}) > 1
    )


def _seek_apart(parts: list[str], kinds: list[frozenset[str]]) -> bool:
    """As in "show me jackets and do you have socks?": a search for each, where no word of the one is in the other."""
    sought = [part for part, kind in zip(parts, kinds, strict=True) if kind == _GOODS_SOUGHT]
    if not 1 < len(sought) <= len(parts) <= MOST_PARTS:
        return False
    stems = [
        {stem for word in _WORD.findall(named["goods"]) if len(word) > _SMALL for stem in list_stems(word)}
        for part in sought
        if (named := _SEEKS_GOODS.match(part))
    ]
    apart = all(not one & other for one, other in combinations(stems, 2))
    return apart and all(kind == _GOODS_SOUGHT or kind <= _FIRM for kind in kinds)


def _join(before: str, clause: str, /) -> str:
    return f"{before} {clause}" if before.endswith(_MARKS) else f"{before}, {clause}"


def _find_counted_beside(clause: str) -> str | None:
    """As in "ok the lighter one. And two pads": who counts the next goods buys the first."""
    if behind := _COUNTED_BEHIND.fullmatch(clause):
        packs = f"{behind['packs']} of " if behind["packs"] else ""
        return f"{behind['count']} {packs}{behind['goods']}"
    return _find_goods_beside(clause) if _COUNTED_BESIDE.match(clause) else None


def _pick_for_cart(picked: str) -> str:
    """What was chosen, as an order: "ok the lighter one" is "add the lighter one"."""
    chosen = _CHOSEN.search(picked)
    if chosen is None and _PLAIN_PICK.fullmatch(picked):
        return f"add the {picked}"
    return f"add {chosen.group()}" if chosen else picked


def _find_goods_beside(clause: str) -> str | None:
    named = _AND_GOODS.fullmatch(clause)
    if named is None or not _BESIDE.search(named["before"] + named["after"]) or _VERB.search(clause):
        return None
    return named["goods"]


def _find_for_picked(clause: str, *, kinds: list[frozenset[str]]) -> frozenset[str]:
    picked = kinds[-1:] == [frozenset({"pick"})]
    return frozenset({"search"} if picked and _FOR_PICKED.fullmatch(clause) else ())


def _names_nothing(clause: str) -> bool:
    """As in "I'll take the lamp. Please add it to my cart.", "two of them": goods and act were told before."""
    words = _WORD.findall(clause.lower())
    return all(word in _BARE or word.isdecimal() or word in NUMBER_WORDS for word in words)


def _find_requests(clause: str, policies: tuple[tuple[str, str], ...]) -> frozenset[str]:
    """What the clause requests by itself."""
    if _ASKS_LEAVE.fullmatch(clause):
        return frozenset()
    if _PICKS.match(clause):
        return frozenset({"pick"})
    if names_code(clause):
        return frozenset({"enter_code"})
    if _KINDS.match(clause):
        return frozenset({"search"})
    found = {move.kind for move in find_moves(clause, policies=policies)}
    acts = found & _ACTS
    if acts:
        return frozenset(acts)
    asks = found & _ASKS
    if asks & _FIRM or (asks and QUESTION.search(clause)) or _SEEKS.search(clause):
        plain = not asks or asks == {"search"}
        return _GOODS_SOUGHT if plain and _SEEKS_GOODS.match(clause) else frozenset(asks or {"search"})
    # What it asks is told once it is read: "which fertiliser goes with it?".
    asked = clause.endswith("?") and len(clause.split()) > _SHORTEST_QUESTION
    return frozenset({"ask"} if asked else ())
