"""The words of the widget's interface, in the language of the request.

Words come with what they name. What stands around the shopper's memory, and what is said of a person who comes or
leaves, is sent with it in the shopper's language and is no part of the page: few shoppers see it, and all would
download it.
"""

from django.conf import settings
from django.utils.translation import gettext as _


def choose_language(*, wished: str, own: str) -> str:
    """Answers the language to speak: the one wished for, else the shop's own, else the default.

    Both may be any text; what is answered is one of the codes in `LANGUAGES`.
    """
    known = dict(settings.LANGUAGES)
    codes = (text.split("-")[0].lower() for text in (wished, own))
    return next((code for code in codes if code in known), settings.LANGUAGE_CODE)


def choose_direction(*, around: str, wished: str, own: str) -> str:
    """Answers the way in which the page around the chat is read, also where its language is not spoken here. `around`
    is what a browser says of that page, for which left to right is what nobody has said anything of.
    """
    if around == "rtl":
        return around
    code = (wished or own).replace("_", "-").split("-")[0].lower()
    return "rtl" if code in settings.LANGUAGES_BIDI else "ltr"


def list_suggestions() -> list[str]:
    """Answers what an empty chat offers to ask."""
    return [
        _("Help me find a gift under 50"),
        _("What do you have on sale?"),
        _("What is your return policy?"),
    ]


def list_phrases() -> dict[str, str]:
    """Answers the phrases of the widget's scripts; `{name}` stands for a value that the script fills in."""
    return {
        **_list_talk(),
        **_list_menu(),
        **_list_lines(),
        **_list_goods(),
        **_list_orders(),
    }


def _list_talk() -> dict[str, str]:
    return {
        "you": _("You said:"),
        "assistant": _("Assistant said:"),
        "today": _("Today"),
        "yesterday": _("Yesterday"),
        "replying": _("The assistant is replying"),
        "thinking": _("Thinking"),
        "searching": _("Searching the shop"),
        "checking_stock": _("Checking stock"),
        "checking_prices": _("Checking prices"),
        "checking_policies": _("Reading the policies"),
        "comparing": _("Comparing"),
        "stopped": _("Stopped."),
        "newer": _("New messages"),
        "notice": _("Update"),
        "with": _("You are talking to {name}"),
        "suggestions": _("Suggested replies"),
        "writes": _("{name} is writing"),
        "earlier": _("Earlier messages"),
    }


def _list_menu() -> dict[str, str]:
    return {
        "fresh": _("New conversation"),
        "person": _("Talk to a person"),
        "save": _("Save this conversation"),
        "erase": _("Delete this conversation"),
        "sure": _("Delete it for good?"),
        "unsaved": _("That could not be saved. Please try again."),
        "memory": _("What is remembered of you"),
        "copy": _("Copy"),
        "copied": _("Copied"),
        "good": _("Helpful"),
        "bad": _("Not helpful"),
        "reasons": _("What was wrong with it?"),
        "wrong": _("Not true"),
        "misunderstood": _("Not what I meant"),
        "unhelpful": _("Does not help"),
    }


def say_who_is_here(*, name: str, left: bool) -> str:
    """Answers what is said of a person who was asked for, has come, or has left."""
    if left:
        return _("You are talking to the assistant again.")
    return (
        _("{name} has joined the chat.").replace("{name}", name)
        if name
        else _("A person has been asked to join.")
    )


def list_memory_phrases() -> dict[str, str]:
    """Answers the words around what is remembered. They come with it: few shoppers ever see them."""
    return {
        "none": _("So far nothing is remembered of you."),
        "off": _("Nothing is remembered of you."),
        "forget": _("Forget"),
        "guess": _("our guess"),
        "agree": _("Remember me"),
        "disagree": _("Forget all, remember nothing"),
        "save": _("Save all that is kept of me"),
        "erase": _("Delete all that is kept of me"),
        "close": _("Close"),
    }


def _list_lines() -> dict[str, str]:
    return {
        "sending": _("Sending …"),
        "waiting": _("Waiting for the connection"),
        "unsent": _("Not sent."),
        "again": _("Try again"),
        "offline": _("You are offline. We reconnect by ourselves."),
        "lost": _("Connection lost. Reconnecting …"),
        "refused": _("The chat is not available right now."),
        "over": _("{over} characters too long"),
    }


def _list_goods() -> dict[str, str]:
    return {
        "products": _("Products"),
        "compare": _("Comparison"),
        "now": _("Now"),
        "before": _("Before"),
        "off": _("{percent}% off"),
        "rated": _("Rated {rating} out of 5"),
        "ratings": _("by {count} people"),
        "why": _("Why this?"),
        "details": _("Details"),
        "about": _("Ask about this"),
        "checked": _("Price and stock checked: {time}"),
        "color": _("Color"),
        "size": _("Size"),
        "in_stock": _("In stock"),
        "low_stock": _("Only {count} left"),
        "few": _("Only a few left"),
        "out_of_stock": _("Sold out"),
        "preorder": _("For pre-order"),
        "backorder": _("On back-order"),
        "unknown": _("Stock not known right now"),
        "unpriced": _("Price not known right now"),
    }


def _list_orders() -> dict[str, str]:
    return {
        "cart": _("Your cart"),
        "empty": _("Your cart is empty."),
        "order": _("Your order"),
        "each": _("{price} each"),
        "costs": _("Now {price}"),
        "confirm": _("Confirm order"),
        "decline": _("Not now"),
        "early": _("Too early. Press again."),
        "covered": _("Something covers this button."),
        "until": _("Valid until {time}"),
        "accepted": _("Order confirmed"),
        "declined": _("Not ordered"),
        "gone": _("No longer valid"),
        "number": _("Order {number}"),
        "pay": _("Pay now"),
    }
