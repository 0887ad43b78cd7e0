"""The two doors to the shop's search: what is offered to the shopper, and what is only looked up.

Whatever may be offered goes through `seek`, so that no term of the shopper's is left out unseen. `look_up` finds what
words name, whether the shop knows a word at all, and what it has of a kind: nothing that it finds is put forward.
"""

from collections.abc import Collection

import msgspec

from catalog.products import SearchQuery, SearchResult
from commerce_agent.tools.applied_terms import list_filters
from commerce_agent.tools.goods import Goods
from conversations.constraints import Ledger, require_all_applied
from conversations.events.constraints import Constraint
from conversations.language.real_words import list_real_words

_TWO_WAYS = (
    ("our", "or"),
    ("or", "our"),
    ("is", "iz"),
    ("iz", "is"),
    ("re", "er"),
    ("er", "re"),
    ("ll", "l"),
)


async def seek(
    shop: Goods, query: SearchQuery, *, ledger: Ledger, without: Collection[Constraint] = ()
) -> SearchResult:
    """What the shop has within every term that holds, but for those `without` which the caller says aloud.

    Raises ConstraintLeftOutError where the search did not apply a term, by what it says itself that it applied.
    """
    left = {term.id for term in without}
    terms = tuple(term for term in list_terms(ledger) if term.id not in left)
    asked = msgspec.structs.replace(query, filters=(*list_filters(terms), *query.filters))
    result = await _search_in_size(shop, _as_meant(asked))
    require_all_applied(
        ledger,
        applied=tuple((one.field, one.op, one.value) for one in result.applied),
        let_go=left,
    )
    return result


async def _search_in_size(shop: Goods, asked: SearchQuery) -> SearchResult:
    """A jacket for a son who wears 128 is one in 128, where there is any; else his size says nothing of such goods."""
    if any(each.standing for each in asked.filters):
        filters = tuple(
            msgspec.structs.replace(each, strictly=True) if each.standing else each for each in asked.filters
        )
        strictly = await shop.search(msgspec.structs.replace(asked, filters=filters))
        if any(hit.size for hit in strictly.hits):
            return strictly
    return await shop.search(asked)


async def look_up(shop: Goods, query: SearchQuery) -> SearchResult:
    """What the words name, whatever limits were set: nothing of it is offered for that."""
    return await shop.search(_as_meant(query))


def _as_meant(query: SearchQuery) -> SearchQuery:
    """With the words that are in use in the language: whoever asks for a kite has not misspelt a kit."""
    real = list_real_words("english")
    sure = frozenset(word for word in query.text.lower().split() if word in real and not _has_two_ways(word))
    return msgspec.structs.replace(query, sure=sure) if sure else query


def _has_two_ways(word: str) -> bool:
    """As in "harbor": the shop may spell it the other way, as its side of the ocean does."""
    real = list_real_words("english")
    return any(word.replace(one, other) in real for one, other in _TWO_WAYS if one in word)


def list_terms(ledger: Ledger) -> tuple[Constraint, ...]:
    """The terms that hold for every search."""
    return tuple(term for term in ledger.active if term.scope != "item")
