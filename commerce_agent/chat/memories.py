"""What is remembered of a shopper, as the chat shows it, and the shopper's own hand on it.

What is remembered is the shopper's to change. `memory` asks for it, and forgets, corrects or takes back consent in
the same frame; `memories` answers. Only who was vouched for here may ask, and every look is in the chain of
accesses.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.utils.translation import gettext as _
from django.utils.translation import override

from commerce_agent.agent.shop.settings import SettingsKeeper
from commerce_agent.chat import protocol
from commerce_agent.chat.merchants import Shop
from commerce_agent.chat.phrases import list_memory_phrases
from commerce_agent.composition import Platform
from commerce_agent.tools.customers import find_customer
from commerce_agent.tools.memory import Consented, Corrected, Forgotten, Memory, MemoryChange
from conversations.service import Reader, ShopperCard, Whose
from conversations.shoppers import Kept

_EDITABLE = frozenset({"size", "preference", "address"})


async def answer_memory(
    asked: protocol.Memory,
    *,
    platform: Platform,
    shop: Shop,
    shopper: ShopperCard | None,
    language: str,
    now: Callable[[], datetime],
) -> protocol.Memories:
    """Makes the change that is asked for, if any, and answers what is remembered then.

    Raises:
        FrameRefused: `not_identified`; of shoppers whom the shop has not vouched for nothing is remembered.
    """
    if shopper is None:
        text = "Nothing is remembered of you, for you are not signed in with the shop."
        raise protocol.FrameRefused(code="not_identified", text=text, cid=asked.cid)
    settings = await SettingsKeeper(pool=platform.pool).get_settings(merchant=shop.id)
    memory = Memory(
        profiles=platform.conversations.profiles,
        whose=Whose(merchant=shop.id, shopper=shopper.id),
        reader=Reader(actor="shopper", purpose="looked at what is remembered"),
        needs_consent=settings.memory_needs_consent,
        now=now(),
        ask_given=partial(
            find_customer,
            platform.connectors.customers,
            merchant=shop.id,
            customer=shopper.key,
            now=now(),
        ),
    )
    await memory.take_given()
    change = _find_change(asked)
    remembered = await (memory.change(change) if change else memory.recall())
    with override(language):
        kept = tuple(_show(each) for each in reversed(remembered.kept))
        words = list_memory_phrases()
    return protocol.Memories(cid=asked.cid, kept=kept, allowed=remembered.allowed, words=words)


def _find_change(asked: protocol.Memory) -> MemoryChange | None:
    if asked.agree is not None:
        return Consented(given=asked.agree)
    if asked.correct is not None:
        return Corrected(id=asked.correct.id, value=asked.correct.value.strip())
    return Forgotten(ids=asked.forget) if asked.forget else None


def _show(kept: Kept) -> protocol.MemoryItem:
    return protocol.MemoryItem(
        id=kept.id,
        about=_name(kept),
        value=kept.name or kept.value,
        guess=kept.source == "inferred",
        editable=kept.kind in _EDITABLE,
    )


def _name(kept: Kept) -> str:
    match kept.kind:
        case "size":
            return _("Size ({topic})").replace("{topic}", kept.topic)
        case "preference":
            tastes = {"brand": _("Brand"), "color": _("Color"), "material": _("Material")}
            return tastes.get(kept.topic, kept.topic)
        case "seen":
            return _("Looked at")
        case "address":
            return _("Address")
        case "payment":
            return _("Means of payment")
