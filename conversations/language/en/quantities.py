"""English numbers, sizes, money and units."""

NUMBERS: dict[str, float] = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
    "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40,
    "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "couple": 2, "dozen": 12,
}  # fmt: skip

MULTIPLIERS: dict[str, int] = {"hundred": 100, "thousand": 1000, "grand": 1000, "k": 1000}

MINUS: frozenset[str] = frozenset({"minus", "-", "–", "−"})

FRACTIONS: dict[str, float] = {"half": 0.5, "quarter": 0.25, "½": 0.5, "¼": 0.25, "¾": 0.75}

SIZED_PARTS: dict[str, float] = {"half": 0.5, "quarter": 0.25, "threequarter": 0.75, "full": 1.0}
"""Sizes that are parts of the whole: "a half-size violin", "full size"."""

ORDINALS: dict[str, int] = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "ninth": 9, "tenth": 10, "eleventh": 11, "twelfth": 12, "last": -1, "final": -1,
}  # fmt: skip

ORDINAL_ENDINGS: frozenset[str] = frozenset({"st", "nd", "rd", "th"})

SIZES: dict[str, str] = {
    "extra extra extra small": "XXXS", "extra extra small": "XXS", "extra small": "XS", "x small": "XS",
    "small": "S", "medium": "M", "large": "L", "extra large": "XL", "x large": "XL",
    "extra extra large": "XXL", "double extra large": "XXL", "double xl": "XXL", "2xl": "XXL", "2x": "XXL",
    "extra extra extra large": "XXXL", "triple extra large": "XXXL", "3xl": "XXXL", "3x": "XXXL",
    "xxs": "XXS", "xs": "XS", "s": "S", "m": "M", "l": "L", "xl": "XL", "xxl": "XXL", "xxxl": "XXXL",
    "one size": "One Size",
}  # fmt: skip

SIZE_WORDS: frozenset[str] = frozenset({"size", "sizes", "sized", "eu", "us", "uk"})

CURRENCIES: dict[str, str] = {
    "$": "USD", "usd": "USD", "dollar": "USD", "dollars": "USD", "buck": "USD", "bucks": "USD",
    "€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR",
    "£": "GBP", "gbp": "GBP", "pound": "GBP", "pounds": "GBP", "quid": "GBP",
    "chf": "CHF", "francs": "CHF", "¥": "JPY", "jpy": "JPY", "yen": "JPY", "₹": "INR", "inr": "INR",
    "rupees": "INR", "cad": "CAD", "aud": "AUD", "sek": "SEK", "nok": "NOK", "dkk": "DKK",
    "kronor": "SEK", "krona": "SEK", "kroner": "SEK", "krone": "SEK", "mxn": "MXN", "pesos": "MXN",
    "pln": "PLN", "zloty": "PLN",
}  # fmt: skip

UNITS: dict[str, tuple[str, float]] = {
    "mg": ("weight", 0.001), "g": ("weight", 1), "gram": ("weight", 1), "grams": ("weight", 1),
    "kg": ("weight", 1000), "kilo": ("weight", 1000), "kilos": ("weight", 1000), "kgs": ("weight", 1000),
    "kilogram": ("weight", 1000), "kilograms": ("weight", 1000),
    "oz": ("weight", 28.349523125), "ounce": ("weight", 28.349523125), "ounces": ("weight", 28.349523125),
    "lb": ("weight", 453.59237), "lbs": ("weight", 453.59237), "pound": ("weight", 453.59237),
    "pounds": ("weight", 453.59237),
    "ml": ("volume", 1), "millilitre": ("volume", 1), "millilitres": ("volume", 1),
    "milliliters": ("volume", 1),
    "cl": ("volume", 10), "l": ("volume", 1000), "litre": ("volume", 1000), "litres": ("volume", 1000),
    "liter": ("volume", 1000), "liters": ("volume", 1000),
    "gallon": ("volume", 3785.411784), "gallons": ("volume", 3785.411784), "pint": ("volume", 473.176473),
    "pints": ("volume", 473.176473),
    "mm": ("length", 1), "millimetre": ("length", 1), "millimetres": ("length", 1),
    "millimeters": ("length", 1),
    "cm": ("length", 10), "centimetre": ("length", 10), "centimetres": ("length", 10),
    "centimeter": ("length", 10), "centimeters": ("length", 10),
    "m": ("length", 1000), "metre": ("length", 1000), "metres": ("length", 1000), "meter": ("length", 1000),
    "meters": ("length", 1000),
    "km": ("length", 1_000_000), "kilometre": ("length", 1_000_000), "kilometres": ("length", 1_000_000),
    "kilometer": ("length", 1_000_000), "kilometers": ("length", 1_000_000), "mile": ("length", 1_609_344),
    "miles": ("length", 1_609_344), "yard": ("length", 914.4), "yards": ("length", 914.4),
    "inch": ("length", 25.4), "inches": ("length", 25.4), '"': ("length", 25.4),
    "ft": ("length", 304.8), "foot": ("length", 304.8), "feet": ("length", 304.8),
    "w": ("power", 1), "watt": ("power", 1), "watts": ("power", 1), "kw": ("power", 1000),
    "v": ("voltage", 1), "volt": ("voltage", 1), "volts": ("voltage", 1),
    "mah": ("battery", 1), "lumen": ("brightness", 1), "lumens": ("brightness", 1), "lm": ("brightness", 1),
    "kb": ("memory", 0.001), "mb": ("memory", 1), "gb": ("memory", 1000), "gigs": ("memory", 1000),
    "gigabytes": ("memory", 1000), "tb": ("memory", 1000000), "terabytes": ("memory", 1000000),
    "hz": ("frequency", 1), "mhz": ("frequency", 1e6), "ghz": ("frequency", 1e9),
    "mp": ("resolution", 1), "megapixels": ("resolution", 1),
    "h": ("time", 3600), "hr": ("time", 3600), "hrs": ("time", 3600), "hour": ("time", 3600), "hours": ("time", 3600),
    "min": ("time", 60), "mins": ("time", 60), "minute": ("time", 60), "minutes": ("time", 60),
    "sec": ("time", 1), "secs": ("time", 1), "seconds": ("time", 1),
    "° c": ("temperature", 1), "°c": ("temperature", 1), "degrees": ("temperature", 1),
    "degrees celsius": ("temperature", 1), "degrees c": ("temperature", 1), "degree": ("temperature", 1),
    "° f": ("fahrenheit", 5 / 9), "°f": ("fahrenheit", 5 / 9), "degrees fahrenheit": ("fahrenheit", 5 / 9),
    "degrees f": ("fahrenheit", 5 / 9), "°": ("temperature", 1),
    "fl oz": ("volume", 29.5735295625), "fluid ounce": ("volume", 29.5735295625),
    "fluid ounces": ("volume", 29.5735295625), "quart": ("volume", 946.352946), "quarts": ("volume", 946.352946),
    "star": ("rating", 1), "stars": ("rating", 1),
}  # fmt: skip
