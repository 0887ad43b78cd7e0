"""English names of goods that mean the same, and wide names with what they cover."""

from commerce_agent.same_goods import SAME_GOODS

SYNONYMS: tuple[tuple[str, ...], ...] = (
    *SAME_GOODS,
    ("trousers", "pants", "slacks"),
    ("t-shirt", "tee", "tee shirt"),
    ("sneakers", "trainers", "tennis shoes"),
    ("jacket", "blazer"),
    ("hoodie", "hooded sweatshirt", "hooded sweater"),
    ("joggers", "sweatpants", "jogging pants", "track pants"),
    ("swimsuit", "bathing suit", "swimwear"),
    ("handbag", "purse"),
    ("sunglasses", "shades"),
    ("coat", "overcoat"),
    ("vest", "waistcoat", "gilet"),
    ("headlamp", "head torch", "headlight", "head lamp"),
    ("sofa", "couch", "settee", "loveseat"),
    ("armchair", "easy chair", "lounge chair"),
    ("rug", "area rug", "carpet"),
    ("end table", "side table", "occasional table"),
    ("shelf", "shelves", "shelving", "shelving unit", "bookshelf", "bookcase"),
    ("wardrobe", "closet", "armoire"),
    ("dresser", "chest of drawers"),
    ("nightstand", "bedside table", "night table"),
    ("lamp", "light"),
    ("curtains", "drapes"),
    ("desk", "writing table", "workstation"),
    ("duvet", "comforter", "quilt"),
    ("television", "tv", "telly"),
    ("laptop", "notebook computer", "notebook"),
    ("phone", "smartphone", "mobile", "mobile phone", "cell phone", "cellphone", "handset"),
    ("headphones", "headset", "cans"),
    ("vacuum", "vacuum cleaner", "hoover"),
    ("cooker", "stove", "range cooker"),
    ("monitor", "computer screen"),
    ("screen", "display"),
    ("memory", "ram"),
    ("memory stick", "usb stick", "flash drive", "thumb drive"),
    ("spanner", "wrench"),
    ("drill", "power drill"),
    ("tap", "faucet"),
    ("biscuits", "cookies"),
    ("crisps", "potato chips"),
    ("sweets", "candy"),
    ("soda", "soft drink", "pop"),
    ("bicycle", "bike"),
    ("electric bike", "e-bike", "ebike"),
    ("pram", "stroller", "pushchair", "buggy"),
    ("nappies", "diapers"),
    ("rucksack", "backpack"),
    ("wallet", "billfold"),
    ("eyeglasses", "glasses", "spectacles"),
    ("raincoat", "rain jacket", "mackintosh"),
    ("beanie", "wool hat", "knit hat", "woolly hat"),
    ("bin", "trash can", "waste bin"),
    ("light bulb", "bulb"),
    ("dummy", "pacifier", "soother"),
    ("cot", "crib"),
    ("jigsaw", "jigsaw puzzle"),
    ("lead", "leash"),
    ("hosepipe", "garden hose", "hose"),
    ("suitcase", "trolley case", "luggage"),
    ("music stand", "sheet music stand"),
    ("felt-tip pen", "felt tip", "marker"),
    ("mince", "ground beef"),
)

BROADER: dict[str, tuple[str, ...]] = {
    "top": (
        "blouse",
        "shirt",
        "t-shirt",
        "tank top",
        "sweater",
        "hoodie",
        "polo",
        "cardigan",
        "sweatshirt",
        "jersey",
    ),
    "shirt": ("t-shirt", "blouse", "polo"),
    "bottoms": ("trousers", "jeans", "skirt", "shorts", "leggings", "joggers"),
    "pants": ("jeans", "joggers", "leggings", "chinos"),
    "outerwear": ("coat", "jacket", "parka", "vest"),
    "coat": ("parka", "trench coat", "raincoat"),
    "jacket": ("bomber", "parka", "anorak", "windbreaker"),
    "sweater": ("cardigan", "hoodie", "sweatshirt"),
    "tank": ("tank top",),
    "shoe": ("sneakers", "boots", "sandals", "heels", "loafers", "flats", "clogs", "slippers"),
    "footwear": ("shoes", "sneakers", "boots", "sandals", "heels", "loafers"),
    "hat": ("cap", "beanie", "fedora"),
    "bag": (
        "handbag",
        "backpack",
        "tote",
        "suitcase",
        "satchel",
        "clutch",
        "duffel",
        "holdall",
        "briefcase",
        "rucksack",
    ),
    "jewellery": ("ring", "necklace", "bracelet", "earrings"),
    "jewelry": ("ring", "necklace", "bracelet", "earrings"),
    "clothes": (
        "trousers",
        "jeans",
        "skirt",
        "shirt",
        "t-shirt",
        "sweater",
        "dress",
        "coat",
        "jacket",
        "blouse",
    ),
    "seat": ("chair", "armchair", "sofa", "stool", "bench"),
    "chair": ("armchair", "office chair", "dining chair", "recliner", "rocking chair"),
    "couch": ("sofa", "loveseat"),
    "table": ("end table", "coffee table", "dining table", "side table", "desk"),
    "storage": ("shelf", "cabinet", "dresser", "wardrobe"),
    "furniture": ("sofa", "chair", "table", "bed", "shelf", "cabinet", "desk", "wardrobe"),
    "lighting": ("lamp", "ceiling light", "floor lamp"),
    "computer": ("laptop", "desktop", "tablet"),
    "screen": ("monitor", "television", "tablet"),
    "headphones": ("earbuds",),
    "printer": ("inkjet printer", "laser printer"),
}

FORMS: dict[str, str] = {
    "wooden": "wood",
    "woolen": "wool",
    "woollen": "wool",
    "metallic": "metal",
    "golden": "gold",
    "leathery": "leather",
    "silken": "silk",
    "velvety": "velvet",
    "striped": "stripes",
    "stripy": "stripes",
    "dotted": "dots",
    "spotted": "spots",
    "spotty": "spots",
    "checked": "check",
    "checkered": "check",
    "chequered": "check",
    "flowery": "floral",
    "flowered": "floral",
    "knitted": "knit",
    "circular": "round",
    "rectangle": "rectangular",
    "circle": "round",
}

DEPARTMENTS: frozenset[str] = frozenset({"clothes", "furniture", "storage", "lighting", "computer", "seat"})

RECIPIENTS: dict[str, tuple[str, ...]] = {
    "women": (
        "women", "woman", "ladies", "lady", "wife", "girlfriend", "mother", "mum", "mom", "sister", "grandmother",
        "grandma", "aunt", "her", "fiancee", "bride",
    ),
    "men": (
        "men", "man", "husband", "boyfriend", "father", "dad", "brother", "grandfather", "grandpa", "uncle", "him",
        "gentlemen", "fiance", "groom",
    ),
    "girls": ("girl", "girls", "daughter", "daughters", "niece", "granddaughter"),
    "boys": ("boy", "boys", "son", "sons", "nephew", "grandson"),
    "children": ("kid", "kids", "child", "children", "teenager", "teenagers", "youth"),
    "babies": ("baby", "babies", "toddler", "toddlers", "infant", "newborn"),
}  # fmt: skip

RECIPIENT_VALUES: dict[str, tuple[str, ...]] = {
    "women": ("women", "woman", "womens", "women's", "ladies", "female"),
    "men": ("men", "man", "mens", "men's", "male"),
    "girls": ("girls", "girl", "girls'"),
    "boys": ("boys", "boy", "boys'"),
    "children": ("kids", "kid", "children", "child", "children's", "junior", "youth"),
    "babies": ("baby", "babies", "toddler", "infant", "newborn"),
    "everybody": ("unisex", "all", "everyone"),
}

SEAT_WORDS: frozenset[str] = frozenset(
    {
        "person",
        "persons",
        "people",
        "man",
        "seater",
        "seaters",
        "seat",
        "seats",
        "berth",
        "adults",
        "guests",
        "sitter",
    }
)

SEATING: frozenset[str] = frozenset(
    {
        "seats",
        "sleeps",
        "sleep",
        "fit",
        "fits",
        "seat",
        "accommodates",
        "seating",
        "capacity",
        "persons",
        "occupancy",
    }
)

AGING: frozenset[str] = frozenset({"aged", "age", "turning", "turns", "turned"})

YEARS: frozenset[str] = frozenset({"years", "year", "yrs", "yr", "yo", "vintage"})

PACKS: frozenset[str] = frozenset({
    "bag", "pack", "packet", "packag", "box", "bottl", "jar", "can", "tin", "tube", "sack", "pot", "carton",
})  # fmt: skip

DATING: frozenset[str] = frozenset({
    "year", "vintage", "newer", "later", "older", "earlier", "since", "before", "after", "from", "in", "published",
    "made",
})  # fmt: skip
