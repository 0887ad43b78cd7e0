"""Claims as people say them rather than print them: sums in words, comparisons, the last one, half off, tomorrow.

Each wording says when it is true of an item, so that the same wordings make right replies and wrong ones. Neither the
shops nor the wordings are those of `evaluate grounding`.
"""

import random
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import msgspec

from commerce_agent.management.claimed_shops import Item, Promised, Promoted, Returns, Shipping, Warranty

Judge = Callable[["Said"], bool]
Numbers = Callable[["Said"], tuple[int, ...]]


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What a wording is filled from."""

    shop: Promised
    item: Item
    other: Item
    number: int
    """A number that is told; of what, the wording says."""


class Wording(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence with places, and when it is true."""

    kind: str
    text: str
    true: Judge
    numbers: Numbers
    """Numbers worth telling: the right one, and some that are wrong."""
    fits: Judge
    """Whether the sentence makes sense of the item at all."""


def _item(sku: str, name: str, price: str, list_price: str, stock: int) -> Item:
    return Item(sku=sku, name=name, price=Decimal(price), list=Decimal(list_price), stock=stock)


SHOPS = (
    Promised(
        currency="GBP",
        items=(
            _item("PL-1001", "Monstera Deliciosa", "24", "24", 1),
            _item("PL-1002", "Fiddle Fig", "60", "120", 5),
            _item("PL-1003", "Copper Watering Can", "18.50", "18.50", 0),
            _item("PL-1004", "Terracotta Planter", "12", "16", 40),
        ),
        promotion=Promoted(
            code="GREEN15",
            title="GREEN15: 15 percent off everything until 4 December",
            percent=15,
            until=date(2026, 12, 4),
        ),
        returns=Returns(days=14, text="You can send anything back within 14 days of delivery."),
        warranty=Warranty(years=1, text="Every plant carries a one-year guarantee."),
        shipping=Shipping(
            low=3,
            high=5,
            over=Decimal(75),
            text="Delivery takes 3 to 5 working days and costs £4.95. It is free for orders over £75.",
        ),
    ),
    Promised(
        currency="USD",
        items=(
            _item("WRN-7", "Wren Compact", "320", "400", 0),
            _item("KES-2", "Kestrel Tripod", "75", "100", 1),
            _item("OWL-50", "Owl Prime", "150", "150", 12),
            _item("PIN-1", "Pinhole Kit", "40", "80", 3),
        ),
        promotion=Promoted(
            code="SHUTTER",
            title="SHUTTER takes 25% off lenses until 18 December",
            percent=25,
            until=date(2026, 12, 18),
        ),
        returns=Returns(days=30, text="Return cameras within 30 days for a refund."),
        warranty=Warranty(years=2, text="All gear comes with a 2-year warranty."),
        shipping=Shipping(
            low=2,
            high=6,
            over=Decimal(90),
            text="We deliver in 2 to 6 business days. Shipping is $7.50, and free on orders above $90.",
        ),
    ),
    Promised(
        currency="EUR",
        items=(
            _item("TEE-A1", "Assam Hathikuli", "9", "12", 30),
            _item("TEE-D4", "Darjeeling Margaret", "18", "18", 0),
            _item("KAN-22", "Kyoto Kanne", "54", "72", 2),
            _item("BEC-03", "Becher Nordlicht", "27", "27", 1),
        ),
        promotion=Promoted(
            code="TEEZEIT",
            title="TEEZEIT: 10 % Rabatt auf Kannen bis 11. Dezember",
            percent=10,
            until=date(2026, 12, 11),
        ),
        returns=Returns(days=21, text="Rückgabe innerhalb von 21 Tagen."),
        warranty=Warranty(years=3, text="Auf Kannen geben wir 3 Jahre Garantie."),
        shipping=Shipping(
            low=2,
            high=4,
            over=Decimal(50),
            text="Der Versand dauert 2 bis 4 Werktage und kostet 3,90 €. Ab 50 € ist er kostenlos.",
        ),
    ),
)
_SMALL = (
    *(
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
    ),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_MONEY = {"GBP": "pounds", "USD": "dollars", "EUR": "euros"}


def spell(number: int) -> str:
    """A number below a thousand in English words."""
    if number < len(_SMALL):
        return _SMALL[number]
    tens, unit = divmod(number, 10)
    if number < 100:
        return _TENS[tens] + (f"-{_SMALL[unit]}" if unit else "")
    rest = number % 100
    return f"{_SMALL[number // 100]} hundred" + (f" and {spell(rest)}" if rest else "")


def _near_price(said: Said) -> tuple[int, ...]:
    price = int(said.item.price)
    return (price, price + 5, max(2, price - 4), price + 20)


def _of(number: Callable[[Said], int]) -> Numbers:
    def list_numbers(said: Said) -> tuple[int, ...]:
        right = number(said)
        return (right, right + 1, right + 3, right * 2 + 5)

    return list_numbers


def _is_price(said: Said) -> bool:
    return said.item.price == said.number


def _is_whole(said: Said) -> bool:
    return said.item.price == int(said.item.price)


def _is_in(said: Said) -> bool:
    return said.item.stock > 0


def _is_out(said: Said) -> bool:
    return said.item.stock == 0


def _is_last(said: Said) -> bool:
    return said.item.stock == 1


def _is_half(said: Said) -> bool:
    return said.item.price * 2 == said.item.list


def _is_reduced(said: Said) -> bool:
    return said.item.price < said.item.list


def _is_cheaper(said: Said) -> bool:
    return said.item.price < said.other.price


def _is_dearer(said: Said) -> bool:
    return said.item.price > said.other.price


def _is_cheapest(said: Said) -> bool:
    return said.item.price == min(item.price for item in said.shop.items)


def _is_dearest(said: Said) -> bool:
    return said.item.price == max(item.price for item in said.shop.items)


def _never(said: Said) -> bool:
    return False


def _always(said: Said) -> bool:
    return True


def _is_returns(said: Said) -> bool:
    return said.number == said.shop.returns.days


def _is_warranty(said: Said) -> bool:
    return said.number == said.shop.warranty.years


def _is_percent(said: Said) -> bool:
    return said.number == said.shop.promotion.percent


def _is_delivery(said: Said) -> bool:
    return said.number == said.shop.shipping.high


def _is_count(said: Said) -> bool:
    return said.number == said.item.stock


_COUNTED = _of(lambda said: said.item.stock)
_RETURNS = _of(lambda said: said.shop.returns.days)
_YEARS = _of(lambda said: said.shop.warranty.years)
_SHARE = _of(lambda said: said.shop.promotion.percent)
_DAYS = _of(lambda said: said.shop.shipping.high)


def _word(
    kind: str, true: Judge, *texts: str, numbers: Numbers = lambda said: (0,), fits: Judge = lambda said: True
) -> list[Wording]:
    return [Wording(kind=kind, text=text, true=true, numbers=numbers, fits=fits) for text in texts]


WORDINGS: tuple[Wording, ...] = (
    *_word(
        "price",
        _is_price,
        "The {name} is yours for {words} {money}.",
        "You're looking at {words} {money} for the {name}.",
        "The {name} comes in at {number} {money}.",
        "Good news: the {name} is only {number} {money} at the moment.",
        "For the {name} we ask {number} {money}.",
        "The {name} goes for {words} {money} in our shop.",
        "At {number} {money}, the {name} makes a lovely present.",
        "It's a {number}-{one} item, the {name}.",
        "{name} kostet {number} Euro.",
        "Für {name} zahlst du {number} Euro.",
        "El {name} sale por {number} euros.",
        "Le {name} est à {number} euros.",
        numbers=_near_price,
        fits=_is_whole,
    ),
    *_word(
        "cheaper",
        _is_cheaper,
        "The {name} is cheaper than the {other}.",
        "The {name} costs less than the {other}.",
        "Of the two, the {name} is less expensive than the {other}.",
        "The {name} is more affordable than the {other}.",
        "{name} ist günstiger als {other}.",
        "{name} kostet weniger als {other}.",
        "El {name} es más barato que el {other}.",
        "Le {name} est moins cher que le {other}.",
    ),
    *_word(
        "dearer",
        _is_dearer,
        "The {name} is more expensive than the {other}.",
        "The {name} costs more than the {other}.",
        "{name} ist teurer als {other}.",
        "El {name} es más caro que el {other}.",
        "Le {name} est plus cher que le {other}.",
    ),
    *_word(
        "cheapest",
        _is_cheapest,
        "The {name} is the cheapest of them.",
        "Our least expensive one is the {name}.",
        "{name} ist das günstigste davon.",
    ),
    *_word(
        "dearest", _is_dearest, "The {name} is the most expensive of these.", "The priciest is the {name}."
    ),
    *_word(
        "half",
        _is_half,
        "The {name} is half off right now.",
        "You get the {name} at half price.",
        "The {name} is currently half its usual price.",
        "{name} gibt es gerade zum halben Preis.",
        "El {name} está a mitad de precio.",
        "Le {name} est à moitié prix.",
    ),
    *_word(
        "reduced",
        _is_reduced,
        "The {name} is on sale.",
        "The {name} is reduced at the moment.",
        "The {name} is marked down.",
        "{name} ist gerade reduziert.",
        "El {name} está rebajado.",
        "Le {name} est en promotion.",
    ),
    *_word(
        "last",
        _is_last,
        "The {name} is the last one we have.",
        "Only one {name} left, so be quick.",
        "There's just a single {name} left.",
        "It's our last {name}.",
        "Vom {name} ist nur noch eins da.",
        "Das ist das letzte {name}.",
        "Queda un solo {name}.",
        "Il ne reste qu'un {name}.",
    ),
    *_word(
        "in",
        _is_in,
        "You can still get the {name}.",
        "The {name} is available right away.",
        "Yes, we have the {name}.",
        "The {name} is ready to ship.",
        "The {name} isn't sold out.",
        "{name} ist nicht ausverkauft.",
        "{name} haben wir da.",
        "El {name} está disponible.",
        "Le {name} est disponible.",
    ),
    *_word(
        "out",
        _is_out,
        "The {name} is not in stock.",
        "The {name} isn't in stock at the moment.",
        "We've run out of the {name}.",
        "We don't have the {name} any more.",
        "The {name} can't be ordered at the moment.",
        "There are no {name}s left.",
        "The {name} isn't available right now.",
        "{name} ist derzeit nicht vorrätig.",
        "{name} haben wir leider nicht mehr.",
        "El {name} no está disponible.",
        "Le {name} n'est plus en stock.",
    ),
    *_word(
        "count",
        _is_count,
        "We have {words} of the {name} left.",
        "There are {number} pieces of the {name} in the warehouse.",
        "{number} of the {name} remain.",
        "Vom {name} sind noch {number} da.",
        numbers=_COUNTED,
        fits=lambda said: said.item.stock > 1,
    ),
    *_word(
        "tomorrow",
        _never,
        "The {name} ships tomorrow.",
        "Your {name} will be at your door tomorrow.",
        "Order now and it arrives by Friday.",
        "It'll be with you within 24 hours.",
        "It ships today.",
        "You'll have it by the weekend.",
        "Das kommt morgen bei dir an.",
        "Lo recibirás mañana.",
        "Vous le recevrez demain.",
    ),
    *_word(
        "delivery",
        _is_delivery,
        "Delivery takes no longer than {words} working days.",
        "It arrives within {number} business days.",
        "Die Lieferung dauert höchstens {number} Werktage.",
        numbers=_DAYS,
    ),
    *_word(
        "returns",
        _is_returns,
        "You have {words} days to change your mind and send it back.",
        "If you don't like it, bring it back within {number} days.",
        "There's a {number}-day return window.",
        "Du kannst es {number} Tage lang zurückgeben.",
        "Puedes devolverlo en {number} días.",
        "Vous avez {number} jours pour le retourner.",
        numbers=_RETURNS,
    ),
    *_word(
        "warranty",
        _is_warranty,
        "It comes with a {number}-year warranty.",
        "The guarantee runs for {words} {years}.",
        "The {name} is covered for {number} {years}.",
        "Du bekommst {number} Jahre Garantie.",
        "Tiene {number} años de garantía.",
        "Il est garanti {number} ans.",
        numbers=_YEARS,
    ),
    *_word(
        "denied",
        _never,
        "There's no warranty on it.",
        "It can't be returned.",
        "Unfortunately you can't send it back.",
        "Returns are not possible.",
        "We don't offer any warranty.",
        "Eine Rückgabe ist leider nicht möglich.",
        "No se puede devolver.",
        "Il n'y a pas de garantie.",
    ),
    *_word(
        "percent",
        _is_percent,
        "Use {code} and take {words} percent off.",
        "{code} saves you {number}%.",
        "Mit {code} sparst du {number} Prozent.",
        "Con {code} ahorras un {number} %.",
        "Avec {code}, vous économisez {number} %.",
        numbers=_SHARE,
    ),
    *_word(
        "free",
        _never,
        "Shipping is free on everything.",
        "Delivery is on us, whatever you order.",
        "You never pay for shipping here.",
        "There are no shipping costs.",
        "Der Versand ist immer gratis.",
    ),
    *_word(
        "plain",
        _always,
        "I'd go for the {name}: it suits a small flat.",
        "Both the {name} and the {other} are lovely choices.",
        "Shall I put the {name} in your cart?",
        "Is the {name} for you, or is it a present?",
        "The {name} is the one I'd pick; the {other} is a bit more classic.",
        "If the {name} sells out, I can let you know.",
        "There's no hurry, take your time.",
        "One of my favourites is the {name}.",
        "Tell me your budget and I'll narrow it down.",
        "I can't tell whether it fits your shelf.",
        "Would you rather have something cheaper?",
        "I don't have any record of that.",
        "No problem, I've taken the {name} out again.",
        "Ich würde {name} nehmen, das passt immer.",
        "¿Te gusta más el {name} o el {other}?",
        "Je prendrais plutôt le {name}.",
    ),
)


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence, of which shop, and whether it is true."""

    shop: int
    kind: str
    sentence: str
    true: bool
    about: str


def list_claimed(*, seed: int, count: int, true: bool) -> list[Claimed]:
    """So many sentences that are all true, or all false, in turns over the wordings."""
    dice = random.Random(seed)
    made: list[Claimed] = []
    wordings = [each for each in WORDINGS if (each.true is not _never if true else each.true is not _always)]
    number = 0
    while len(made) < count:
        wording = wordings[number % len(wordings)]
        number += 1
        options = [option for option in _list_options(wording) if wording.true(option[1]) is true]
        if not options:
            continue
        place, said = dice.choice(options)
        made.append(
            Claimed(
                shop=place,
                kind=wording.kind,
                sentence=_fill(wording, said),
                true=true,
                about=said.item.sku,
            )
        )
    return made


def _list_options(wording: Wording) -> list[tuple[int, Said]]:
    options: list[tuple[int, Said]] = []
    for place, shop in enumerate(SHOPS):
        for item in shop.items:
            for other in shop.items:
                said = Said(shop=shop, item=item, other=other, number=0)
                if other is item or not wording.fits(said) or other.price == item.price:
                    continue
                options.extend(
                    (place, msgspec.structs.replace(said, number=number)) for number in wording.numbers(said)
                )
    if " Euro" in wording.text or " euros" in wording.text:
        return [(place, said) for place, said in options if said.shop.currency == "EUR"]
    return options


def _fill(wording: Wording, said: Said) -> str:
    money = _MONEY[said.shop.currency]
    return wording.text.format(
        name=said.item.name,
        other=said.other.name,
        number=said.number,
        words=spell(said.number),
        money=money,
        one=money.removesuffix("s"),
        years="year" if said.number == 1 else "years",
        code=said.shop.promotion.code,
    )
