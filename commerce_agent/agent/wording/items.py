"""What an item is called in the language of a talk."""

import re

from commerce_agent.agent.phrases import PhraseBook
from commerce_agent.agent.wording.values import find_color, name_color
from commerce_agent.tools.naming import get_name, get_short_name, is_bare_size, is_told_in
from commerce_agent.tools.offers import Offer
from conversations.events.carts import CartLine
from conversations.events.entities import Entity
from conversations.state import ConversationState

_WRITTEN = re.compile(r"(?P<name>.+?)(?: in (?P<color>[^()]+?))?(?: \((?P<word>size )?(?P<size>[^()]+)\))?")


def name_offer(offer: Offer, *, book: PhraseBook) -> str:
    """The item with its colour."""
    return _in_language(get_name(offer), title=get_short_name(offer), color=offer.item.color, book=book)


def name_version(offer: Offer, *, book: PhraseBook) -> str:
    """The item with its colour and size: what one stock level is about."""
    return name_in_size(name_offer(offer, book=book), size=offer.item.size, book=book)


def name_entity(entity: Entity, *, book: PhraseBook) -> str:
    """An item that came up before."""
    color = _get_first(entity, "color")
    return _in_language(entity.name, title=get_title(entity), color=color, book=book)


def name_held(entity: Entity, *, book: PhraseBook) -> str:
    """What is in a cart or an order: with the colour and the size it was taken in."""
    name, color = name_entity(entity, book=book), _get_first(entity, "color")
    if color and not any(word.lower() in name.lower() for word in (color, name_color(color, book=book))):
        name = book.put("item.in_color", title=name, color=name_color(color, book=book))
    return name_in_size(name, size=_get_first(entity, "size"), book=book)


def name_line(line: CartLine, *, state: ConversationState, book: PhraseBook) -> str:
    """A line of a cart or an order; as it was written down where nothing else is known of the item."""
    entity = state.entities.find(line.ref)
    if entity is None or book.language == "en":
        return line.title
    return name_held(entity, book=book)


def name_written(title: str, *, book: PhraseBook) -> str:
    """The name under which a line was written down, as in "Viggo sofa in green (size M)": its colour and size in the
    language of the book, as far as that has a word for the colour. A title's own colour is no version's: "Rhapsody in
    Blue".
    """
    if book.language == "en":
        return title
    parts = _WRITTEN.fullmatch(title)
    if parts is None:
        return title
    name, color, size = parts["name"], parts["color"], parts["size"]
    named = find_color(color, book=book) if color and color == color.lower() else ""
    if color:
        name = book.put("item.in_color", title=name, color=named) if named else f"{name} in {color}"
    if size and not parts["word"]:
        return f"{name} ({size})"
    return name_in_size(name, size=size or "", book=book)


def get_title(entity: Entity) -> str:
    """The name of an item that came up before, without its colour."""
    color = _get_first(entity, "color")
    return entity.name.removesuffix(f" in {color.lower()}") if color else entity.name


def _get_first(entity: Entity, field: str) -> str:
    return next(iter(entity.attributes.get(field, ())), "")


def _in_language(name: str, *, title: str, color: str, book: PhraseBook) -> str:
    if color and name != title and book.language != "en":
        return book.put("item.in_color", title=title, color=name_color(color, book=book))
    return name


def name_in_size(name: str, *, size: str, book: PhraseBook) -> str:
    """The name with a size, where there is one and the name does not tell it already."""
    if not size or is_told_in(name, size=size):
        return name
    return book.put("item.in_size", item=name, size=size) if is_bare_size(size) else f"{name} ({size})"
