"""English comparatives and superlatives: which measure they compare, and towards which end."""

from conversations.language.tongue import Direction

COMPARATIVES: dict[str, tuple[str, Direction]] = {
    "cheaper": ("price", "low"), "less expensive": ("price", "low"), "more affordable": ("price", "low"),
    "less pricey": ("price", "low"), "lower priced": ("price", "low"), "costs less": ("price", "low"),
    "more expensive": ("price", "high"), "pricier": ("price", "high"), "dearer": ("price", "high"),
    "costs more": ("price", "high"), "higher priced": ("price", "high"),
    "cost less": ("price", "low"), "cost more": ("price", "high"),
    "weighs less": ("weight", "low"), "weigh less": ("weight", "low"),
    "weighs more": ("weight", "high"), "weigh more": ("weight", "high"),
    "lighter": ("weight", "low"), "heavier": ("weight", "high"),
    "better rated": ("rating", "high"), "higher rated": ("rating", "high"),
    "better reviewed": ("rating", "high"),
    "better reviews": ("rating", "high"), "better rating": ("rating", "high"),
    "better ratings": ("rating", "high"),
    "higher rating": ("rating", "high"), "higher reviews": ("rating", "high"),
    "worse rated": ("rating", "low"),
    "lower rated": ("rating", "low"), "worse reviews": ("rating", "low"), "more popular": ("rating", "high"),
    "longer": ("length", "high"), "shorter": ("length", "low"), "taller": ("height", "high"),
    "lower": ("height", "low"), "wider": ("width", "high"), "narrower": ("width", "low"),
    "deeper": ("depth", "high"), "thicker": ("thickness", "high"), "thinner": ("thickness", "low"),
    "bigger": ("size", "high"), "larger": ("size", "high"), "smaller": ("size", "low"),
    "brighter": ("brightness", "high"), "faster": ("speed", "high"), "slower": ("speed", "low"),
    "louder": ("volume", "high"), "quieter": ("noise", "low"), "stronger": ("power", "high"),
    "more powerful": ("power", "high"), "warmer": ("warmth", "high"), "cooler": ("warmth", "low"),
    "softer": ("firmness", "low"),
    "firmer": ("firmness", "high"), "higher": ("height", "high"), "newer": ("year", "high"),
    "older": ("year", "low"),
    "too expensive": ("price", "low"), "too pricey": ("price", "low"), "too dear": ("price", "low"),
    "too costly": ("price", "low"), "too much money": ("price", "low"), "over budget": ("price", "low"),
    "over my budget": ("price", "low"), "too heavy": ("weight", "low"), "too wide": ("width", "low"),
    "too narrow": ("width", "high"), "too long": ("length", "low"), "too short": ("length", "high"),
    "too tall": ("height", "low"), "too thick": ("thickness", "low"), "too thin": ("thickness", "high"),
    "too loud": ("noise", "low"),
}  # fmt: skip

SUPERLATIVES: dict[str, tuple[str, Direction]] = {
    "cheapest": ("price", "low"), "least expensive": ("price", "low"), "most affordable": ("price", "low"),
    "lowest priced": ("price", "low"), "lowest price": ("price", "low"),
    "most expensive": ("price", "high"), "priciest": ("price", "high"), "highest priced": ("price", "high"),
    "highest price": ("price", "high"),
    "costs the least": ("price", "low"), "costs least": ("price", "low"), "cost the least": ("price", "low"),
    "costs the most": ("price", "high"), "costs most": ("price", "high"), "cost the most": ("price", "high"),
    "weighs the least": ("weight", "low"), "weighs least": ("weight", "low"),
    "weigh the least": ("weight", "low"), "weighs the most": ("weight", "high"),
    "weighs most": ("weight", "high"), "weigh the most": ("weight", "high"),
    "lightest": ("weight", "low"), "heaviest": ("weight", "high"),
    "best rated": ("rating", "high"), "highest rated": ("rating", "high"), "top rated": ("rating", "high"),
    "best reviewed": ("rating", "high"), "best reviews": ("rating", "high"),
    "best rating": ("rating", "high"),
    "highest rating": ("rating", "high"), "best ratings": ("rating", "high"),
    "highest ratings": ("rating", "high"),
    "worst rated": ("rating", "low"), "lowest rated": ("rating", "low"), "most popular": ("rating", "high"),
    "longest": ("length", "high"), "shortest": ("length", "low"), "tallest": ("height", "high"),
    "lowest": ("height", "low"), "widest": ("width", "high"), "narrowest": ("width", "low"),
    "deepest": ("depth", "high"), "thickest": ("thickness", "high"), "thinnest": ("thickness", "low"),
    "biggest": ("size", "high"), "largest": ("size", "high"), "smallest": ("size", "low"),
    "brightest": ("brightness", "high"), "fastest": ("speed", "high"), "slowest": ("speed", "low"),
    "loudest": ("volume", "high"), "quietest": ("noise", "low"), "strongest": ("power", "high"),
    "most powerful": ("power", "high"), "newest": ("year", "high"), "oldest": ("year", "low"),
}  # fmt: skip

DIMENSIONS: dict[str, str] = {
    "tall": "height", "high": "height", "wide": "width", "broad": "width", "long": "length", "deep": "depth",
    "thick": "thickness", "heavy": "weight", "weighs": "weight", "weighing": "weight",
}  # fmt: skip
"""What an adjective is about: "1 m tall" is a height."""
