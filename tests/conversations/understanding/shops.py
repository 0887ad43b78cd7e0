"""Three invented shops, and conversations over them."""

from conversations.constraints import Ledger, apply_constraints, read_constraints
from conversations.entities import Entities, apply_entities
from conversations.events.constraints import ConstraintStated, ConstraintSuperseded, ConstraintWithdrawn
from conversations.events.entities import EntitiesFocused, EntitiesShown, Entity, Reference, ReferenceResolved
from conversations.ids import EntityRef
from conversations.language import Category, Vocabulary

FURNITURE = Vocabulary(
    categories=(
        Category(name="Sofas", path=("Seating",)),
        Category(name="Armchairs", path=("Seating",)),
        Category(name="Coffee Tables", path=("Tables",)),
        Category(name="Dining Tables", path=("Tables",)),
        Category(name="Floor Lamps", path=("Lighting",)),
        Category(name="Desk Lamps", path=("Lighting",)),
        Category(name="Rugs"),
        Category(name="Bookcases"),
    ),
    brands=("Halden", "Fell & Fern", "The Oak Room", "Lumo"),
    colors=("grey", "light grey", "navy", "teal", "oak", "white", "black", "mustard"),
    materials=("leather", "velvet", "oak", "wool", "marble"),
    attributes={
        "stackable": ("yes", "no"),
        "shape": ("round", "rectangular"),
        "style": ("mid-century", "rustic"),
    },
    measures={"width": "cm", "weight": "kg"},
)
GROCERY = Vocabulary(
    categories=(
        Category(name="Juice", path=("Drinks",)),
        Category(name="Coffee", path=("Drinks",)),
        Category(name="Biscuits", path=("Pantry",)),
        Category(name="Olive Oil", path=("Pantry",)),
        Category(name="Cheese", path=("Dairy",)),
    ),
    brands=("Morning Field", "Casa Verde", "Brook"),
    attributes={
        "organic": ("yes", "no"),
        "gluten_free": ("yes", "no"),
        "flavour": ("orange", "apple", "mint"),
    },
    measures={"volume": "ml", "weight": "g"},
)
TOOLS = Vocabulary(
    categories=(
        Category(name="Cordless Drills", path=("Power Tools",)),
        Category(name="Hammers", path=("Hand Tools",)),
        Category(name="Spanners", path=("Hand Tools",)),
        Category(name="Work Boots", path=("Workwear",)),
        Category(name="Work Jackets", path=("Workwear",)),
    ),
    brands=("Ironside", "Torq", "Acme"),
    colors=("red", "blue", "navy", "black", "yellow"),
    sizes=("S", "M", "L", "XL", "42", "43", "44"),
    materials=("steel", "leather", "cotton"),
    attributes={"waterproof": ("yes", "no"), "brushless": ("yes", "no")},
    measures={"weight": "g", "power": "W"},
)


def item(
    key: str, name: str, *, group: str = "", measures: dict[str, float] | None = None, **attributes: str
) -> Entity:
    """An item; `__` in an attribute stands for nothing, `/` parts its values."""
    return Entity(
        ref=EntityRef("variant", key),
        name=name,
        group=group,
        attributes={name: tuple(value.split("/")) for name, value in attributes.items()},
        measures=measures or {},
    )


SOFA = item(
    "S1",
    "Halden Nest sofa",
    category="Sofas",
    brand="Halden",
    color="light grey",
    material="velvet",
    measures={"price": 899, "rating": 4.6, "width": 210, "weight": 62},
)
SOFA_NAVY = item(
    "S2",
    "Harbour sofa",
    category="Sofas",
    brand="Fell & Fern",
    color="navy",
    material="leather",
    measures={"price": 1299, "rating": 4.2, "width": 190, "weight": 70},
)
SOFA_TEAL = item(
    "S3",
    "Cove sofa",
    category="Sofas",
    brand="Halden",
    color="teal",
    material="velvet",
    measures={"price": 749, "rating": 4.2, "width": 180, "weight": 55},
)
LAMP = item(
    "L1",
    "Meadow floor lamp",
    category="Floor Lamps",
    brand="Lumo",
    color="black",
    measures={"price": 89, "rating": 4.8, "weight": 4},
)
LAMP_DESK = item(
    "L2",
    "Heron desk lamp",
    category="Desk Lamps",
    brand="Lumo",
    color="white",
    measures={"price": 45, "rating": 4.1, "weight": 2},
)
TABLE = item(
    "T1",
    "Grove coffee table",
    category="Coffee Tables",
    brand="The Oak Room",
    color="oak",
    material="oak",
    shape="round",
    measures={"price": 249, "rating": 4.4, "weight": 18},
)


def shown(*lists: tuple[Entity, ...]) -> Entities:
    """A conversation in which these lists were shown, one a turn, the last one in focus."""
    entities = Entities()
    for turn, items in enumerate(lists, start=1):
        entities = apply_entities(entities, EntitiesShown(entities=items), turn=turn)
        entities = focused(entities, *items, turn=turn)
    return entities


def focused(entities: Entities, *items: Entity, turn: int = 50) -> Entities:
    """The conversation with these items in focus."""
    return apply_entities(entities, EntitiesFocused(refs=tuple(one.ref for one in items)), turn=turn)


def asked(entities: Entities, *items: Entity) -> Entities:
    """The conversation after the question which of these is meant."""
    refs = tuple(one.ref for one in items)
    reference = Reference(text="it", outcome="ambiguous", candidates=refs)
    return apply_entities(entities, ReferenceResolved(reference=reference), turn=60)


def told(
    *messages: str,
    vocabulary: Vocabulary,
    currency: str = "USD",
    focus: dict[str, float] | None = None,
    language: str = "en",
) -> Ledger:
    """The ledger after the messages."""
    ledger = Ledger()
    for turn, text in enumerate(messages, start=1):
        reading = read_constraints(
            text=text,
            ledger=ledger,
            vocabulary=vocabulary,
            currency=currency,
            turn=turn,
            focus_measures=focus or {},
            language=language,
        )
        for constraint in reading.stated:
            ledger = apply_constraints(ledger, ConstraintStated(constraint=constraint), turn=turn)
        for pair in reading.superseded:
            ledger = apply_constraints(ledger, ConstraintSuperseded(id=pair.old, by=pair.new), turn=turn)
        for end in reading.withdrawn:
            event = ConstraintWithdrawn(id=end.id, reason=end.reason, text=end.text)
            ledger = apply_constraints(ledger, event, turn=turn)
    return ledger


def terms(ledger: Ledger) -> list[tuple[str, str, object]]:
    """What holds, as field, op and value."""
    return [(one.field, one.op, one.value) for one in ledger.active]
