"""The way of rows into the database: checked, written to a temporary table by COPY, in one pass."""

import hashlib
from collections.abc import Iterable, Iterator

import msgspec
from django.db.backends.utils import CursorWrapper

from catalog.feeds.checks import CheckedItem, RowRefused, check_item
from catalog.feeds.items import FeedItem, RefusedRow
from catalog.products.colors import list_color_words
from catalog.products.sizes import list_material_words, list_size_words

COLUMNS = {
    "line": "integer",
    "sku": "text",
    "group_key": "text",
    "title": "text",
    "description": "text",
    "brand": "text",
    "category": "text",
    "color": "text",
    "size": "text",
    "material": "text",
    "pattern": "text",
    "colors": "text[]",
    "sizes": "text[]",
    "materials": "text[]",
    "gtin": "text",
    "mpn": "text",
    "price": "numeric",
    "sale_price": "numeric",
    "sale_starts": "timestamptz",
    "sale_ends": "timestamptz",
    "availability": "text",
    "quantity": "integer",
    "rating": "numeric",
    "rating_count": "integer",
    "link": "text",
    "image_link": "text",
    "attributes": "jsonb",
    "measures": "jsonb",
    "digest": "text",
}
CREATE = (
    f"CREATE TEMP TABLE feed_item ({', '.join(f'{name} {kind}' for name, kind in COLUMNS.items())}, "
    "state text) ON COMMIT DROP"
)
COPY = f"COPY feed_item ({', '.join(COLUMNS)}) FROM STDIN"
_ENCODER = msgspec.json.Encoder(order="sorted")
SEPARATOR = " > "


class Tally:
    """What was seen while the rows went by."""

    def __init__(self) -> None:
        self.read = 0
        self.refused: list[RefusedRow] = []
        self.lines: dict[str, int] = {}
        """Every id met, with its first line."""
        self.titles: dict[str, str] = {}
        """What the titles of each `item_group_id` begin with in common."""
        self.ends: dict[str, str] = {}
        """What they end with in common."""
        self.names: dict[str, str] = {}
        """What each is called."""
        self.spellings: dict[str, str] = {}
        """Every maker and kind met, small, with its first spelling."""

    def refuse(self, *, item: FeedItem, reason: str) -> None:
        self.refused.append(RefusedRow(line=item.line, id=item.id[:100], reason=reason))

    def note_title(self, item: FeedItem) -> None:
        group = item.item_group_id
        if group:
            known = self.titles.get(group)
            self.titles[group] = item.title if known is None else find_common_start(known, other=item.title)
            end = self.ends.get(group)
            self.ends[group] = item.title if end is None else find_common_end(end, other=item.title)
            self.names[group] = _name_group(self.titles[group], end=self.ends[group], item=item)

    def spell(self, name: str) -> str:
        """A maker's or kind's name as it was first written: `NORDKAP` and `Nordkap` are one."""
        return self.spellings.setdefault(name.casefold(), name)


_BEFORE_SIZES = frozenset({"size", "größe", "groesse", "gr", "taille", "talla", "tamaño"})
"""What stands before the size in titles: "Band, size" of "Band, size 52" and "Band, size 54" is the band's title."""


_PACKS = frozenset(
    {"pack", "box", "set", "bag", "case", "packung", "paquete", "caja", "lot", "paquet", "boîte"}
)
_OF = frozenset({"of", "mit", "von", "de"})


def find_common_start(one: str, *, other: str) -> str:
    """The words that both begin with: `Fell Runner` of `Fell Runner, red` and `Fell Runner – blue`.

    The first as it is where they share no word.
    """
    shared = []
    for left, right in zip(one.split(), other.split(), strict=False):
        if left.rstrip(",;:") != right.rstrip(",;:"):
            break
        shared.append(left)
    while len(shared) > 1 and shared[-1].strip(".,;:(").lower() in _BEFORE_SIZES:
        shared.pop()
    if len(shared) > 2 and shared[-1].lower() in _OF and shared[-2].lower() in _PACKS:
        # "Washcloths pack of 6" and "Washcloths pack of 12" are washcloths.
        del shared[-2:]
    return " ".join(shared).rstrip(" ,;:-–—/(|") or one


def find_common_end(one: str, *, other: str) -> str:
    """The words that both end with: `Trail Runner` of `Aspen Red Trail Runner` and `Aspen Blue Trail Runner`."""
    shared: list[str] = []
    for left, right in zip(reversed(one.split()), reversed(other.split()), strict=False):
        if left != right:
            break
        shared.insert(0, left)
    return " ".join(shared)


def _name_group(start: str, *, end: str, item: FeedItem) -> str:
    """What the titles of a group share: their end too, where the maker is all that they begin with, or nothing is."""
    words = start.split()
    begins = item.title.split()[0].rstrip(",;:") == words[0].rstrip(",;:")
    if begins and not set(start.lower().split()) <= set(item.brand.lower().split()):
        return start
    kept = end.split()
    while kept and kept[-1].lower() in item.size.lower().split():
        kept.pop()
    name = " ".join(kept).strip(" ,;:-–—/()|")
    return f"{start} {name}".strip() if begins else name or start


def _make_row(checked: CheckedItem, *, tally: Tally) -> tuple[object, ...]:
    item = checked.item
    return (
        item.line,
        item.id,
        checked.group_key,
        item.title,
        item.description,
        tally.spell(item.brand),
        SEPARATOR.join(map(tally.spell, checked.category)),
        item.color,
        item.size,
        item.material,
        item.pattern,
        list(list_color_words(item.color)),
        list(list_size_words(item.size)),
        list(list_material_words(item.material)),
        item.gtin,
        item.mpn,
        checked.price.amount,
        checked.sale_price.amount if checked.sale_price is not None else None,
        checked.sale_starts,
        checked.sale_ends,
        checked.availability,
        checked.quantity,
        checked.rating,
        checked.rating_count,
        item.link,
        item.image_link,
        _ENCODER.encode(checked.attributes).decode(),
        _ENCODER.encode(checked.measures).decode(),
    )


def _digest(row: tuple[object, ...]) -> str:
    """Tells whether a row is as it was; its line does not count."""
    return hashlib.blake2b(repr(row[1:]).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def list_rows(
    *, items: Iterable[FeedItem | RefusedRow], currency: str, tally: Tally
) -> Iterator[tuple[object, ...]]:
    """The rows that fit, ready for COPY; `tally` counts them and keeps those that were refused."""
    for item in items:
        tally.read += 1
        if isinstance(item, RefusedRow):
            tally.refused.append(item)
            continue
        first = tally.lines.setdefault(item.id, item.line) if item.id else item.line
        if first != item.line:
            tally.refuse(item=item, reason=f"id {item.id[:100]!r} stands on line {first} already")
            continue
        try:
            checked = check_item(item, currency=currency)
        except RowRefused as refusal:
            tally.refuse(item=item, reason=str(refusal))
            continue
        tally.note_title(checked.item)
        row = _make_row(checked, tally=tally)
        yield (*row, _digest(row))


def stage_items(
    cursor: CursorWrapper, *, items: Iterable[FeedItem | RefusedRow], currency: str, tally: Tally
) -> None:
    """Streams the rows into `feed_item` and the titles of groups into `feed_group`; both go with the transaction."""
    cursor.execute(CREATE)
    with cursor.copy(COPY) as copy:
        for row in list_rows(items=items, currency=currency, tally=tally):
            copy.write_row(row)
    cursor.execute("CREATE TEMP TABLE feed_group (group_key text PRIMARY KEY, title text) ON COMMIT DROP")
    with cursor.copy("COPY feed_group FROM STDIN") as copy:
        for pair in tally.names.items():
            copy.write_row(pair)
    cursor.execute("CREATE UNIQUE INDEX ON feed_item (sku)")
    cursor.execute("ANALYZE feed_item")
