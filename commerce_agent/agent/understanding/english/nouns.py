"""English nouns that are no goods, or not in every shop."""

from typing import Final

OCCASIONS: Final = frozenset({
    "present", "presents", "gift", "gifts", "birthday", "christmas", "anniversary", "wedding", "somebody", "someone",
    "friend", "boy", "girl", "boys", "girls", "kid", "kids", "child", "children", "son", "daughter", "nephew", "niece",
    "mum", "mom", "dad", "mother", "father", "wife", "husband", "girlfriend", "boyfriend", "brother", "sister",
    "grandson", "granddaughter", "grandma", "grandpa", "colleague", "boss", "teacher",
})  # fmt: skip
"""For whom or for what occasion the goods are; where no goods are called so, nothing need be said of it."""
