"""Labelled shopping dialogues, replayed through the reference resolver as a conversation's state would hold
them.
"""

import statistics
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from commerce_agent.decoding import build_json_decoder
from conversations.entities import Entities, apply_entities
from conversations.events.entities import (
    EntitiesFocused,
    EntitiesIntroduced,
    EntitiesShown,
    Entity,
    Reference,
    ReferenceResolved,
)
from conversations.ids import EntityRef
from conversations.language import Category, Vocabulary
from conversations.references import Resolution, resolve_references

_NAMES = {"type": "category", "colors": "color", "materials": "material", "customer_rating": "rating"}
"""What the dialogues call a field, with what a shop's goods call it."""
_ObjectValue = str | float | list[str] | None


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """The items that the assistant showed in one turn."""

    turn: int
    ids: tuple[int | str, ...]


class DialogueTurn(msgspec.Struct, frozen=True, kw_only=True):
    """One message of the shopper, and what had been shown before it."""

    turn: int
    say: str
    assistant_before: str | None = None
    shown: tuple[Shown, ...] = ()
    objects: tuple[dict[str, _ObjectValue | int], ...] = ()
    label: str = ""
    gold: tuple[int | str, ...] = ()


class Dialogue(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation with a label for each turn."""

    dialogue: int | str
    turns: tuple[DialogueTurn, ...]


class Prediction(msgspec.Struct, frozen=True, kw_only=True):
    """What the resolver made of one turn."""

    dialogue: int | str
    turn: int
    outcome: str
    ids: tuple[int | str, ...]


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """The predictions for all dialogues, and how long each call took."""

    predictions: tuple[Prediction, ...]
    seconds: tuple[float, ...]

    def get_latency_ms(self, percent: int) -> float:
        """The time that so many of a hundred calls stay within."""
        return statistics.quantiles(self.seconds, n=100)[percent - 1] * 1000


def list_dialogues(path: Path) -> tuple[Dialogue, ...]:
    """Answers the dialogues of a file, one a line. Raises msgspec.ValidationError for a line of another
    shape.
    """
    decoder = build_json_decoder(Dialogue)
    with path.open("rb") as lines:
        return tuple(decoder.decode(line) for line in lines if line.strip())


def replay_dialogues(dialogues: Iterable[Dialogue]) -> Replay:
    """Answers what the resolver says to each turn, told the dialogue's past and never its labels."""
    dialogues = tuple(dialogues)
    vocabulary = _get_vocabulary(dialogues)
    predictions: list[Prediction] = []
    seconds: list[float] = []
    for dialogue in dialogues:
        for prediction, elapsed in _replay(dialogue, vocabulary):
            predictions.append(prediction)
            seconds.append(elapsed)
    return Replay(predictions=tuple(predictions), seconds=tuple(seconds))


def _replay(dialogue: Dialogue, vocabulary: Vocabulary) -> Iterator[tuple[Prediction, float]]:
    entities = Entities()
    ids: dict[str, int | str] = {}
    told = 0
    for turn in dialogue.turns:
        ids.update({str(raw["id"]): _get_id(raw) for raw in turn.objects})
        entities = _with_shown(entities, turn, turn.shown[told:])
        entities = _with_question(entities, answered=len(turn.shown) > told, reply=turn.assistant_before)
        told = len(turn.shown)
        began = time.perf_counter()
        # The dialogues do not tell what was put into a cart or ordered.
        resolution = resolve_references(
            text=_repair(turn.say), entities=entities, vocabulary=vocabulary, cart=None, orders=None
        )
        elapsed = time.perf_counter() - began
        entities = _with_references(entities, resolution, turn=turn.turn)
        outcome, refs = _sum_up(resolution)
        yield (
            Prediction(
                dialogue=dialogue.dialogue,
                turn=turn.turn,
                outcome=outcome,
                ids=tuple(ids[ref.key] for ref in refs),
            ),
            elapsed,
        )


def _with_shown(entities: Entities, turn: DialogueTurn, shown: Iterable[Shown]) -> Entities:
    by_id = {_get_id(raw): build_entity(raw) for raw in turn.objects}
    for showing in shown:
        items = tuple(by_id[id] for id in showing.ids if id in by_id)
        entities = apply_entities(entities, EntitiesShown(entities=items), turn=showing.turn)
        focus = EntitiesFocused(refs=tuple(item.ref for item in items))
        entities = apply_entities(entities, focus, turn=showing.turn)
    unseen = tuple(entity for entity in by_id.values() if entity.ref.key not in entities.known)
    return (
        apply_entities(entities, EntitiesIntroduced(entities=unseen), turn=turn.turn) if unseen else entities
    )


def _with_question(entities: Entities, *, answered: bool, reply: str | None) -> Entities:
    """A question stands open only where the assistant of the dialogue asked it: it may have understood."""
    told = bool(reply) and "?" not in (reply or "")
    if entities.asked is None or not (answered or told):
        return entities
    return msgspec.structs.replace(entities, asked=None)


def _with_references(entities: Entities, resolution: Resolution, *, turn: int) -> Entities:
    """The state after the turn: what was meant is in focus, what was unclear is asked for."""
    meant: list[EntityRef] = []
    for reference in resolution.references:
        entities = apply_entities(entities, ReferenceResolved(reference=reference), turn=turn)
        meant.extend(reference.refs)
    if not resolution.references and entities.asked:
        answered = Reference(text="", outcome="unknown")
        entities = apply_entities(entities, ReferenceResolved(reference=answered), turn=turn)
    if meant:
        entities = apply_entities(entities, EntitiesFocused(refs=tuple(dict.fromkeys(meant))), turn=turn)
    return entities


def _sum_up(resolution: Resolution) -> tuple[str, tuple[EntityRef, ...]]:
    outcomes = {reference.outcome for reference in resolution.references}
    for outcome in ("ambiguous", "resolved", "unknown"):
        if outcome in outcomes:
            refs = [ref for reference in resolution.references for ref in reference.refs]
            return outcome, tuple(dict.fromkeys(refs)) if outcome == "resolved" else ()
    return "none", ()


def _get_id(raw: dict[str, _ObjectValue | int]) -> int | str:
    value = raw["id"]
    return value if isinstance(value, int) else str(value)


def build_entity(raw: dict[str, _ObjectValue | int]) -> Entity:
    """Answers the item as the conversation would hold it: words as attributes, numbers as measures."""
    attributes: dict[str, tuple[str, ...]] = {}
    measures: dict[str, float] = {}
    for field, value in raw.items():
        name = _NAMES.get(field, field)
        if field == "id" or value is None or value in ("", []):
            continue
        if isinstance(value, int | float):
            measures[name] = float(value)
        else:
            attributes[name] = (value,) if isinstance(value, str) else tuple(value)
    ref = EntityRef("variant", str(raw["id"]))
    return Entity(ref=ref, name="", attributes=attributes, measures=measures)


def _get_vocabulary(dialogues: Iterable[Dialogue]) -> Vocabulary:
    """The shop of the dialogues: every word that its goods have."""
    values: dict[str, dict[str, None]] = {}
    for dialogue in dialogues:
        for turn in dialogue.turns:
            for raw in turn.objects:
                for field, texts in build_entity(raw).attributes.items():
                    values.setdefault(field, {}).update(dict.fromkeys(texts))
    own = ("category", "brand", "color", "size", "material")
    return Vocabulary(
        categories=tuple(Category(name=name) for name in values.get("category", ())),
        brands=tuple(values.get("brand", ())),
        colors=tuple(values.get("color", ())),
        sizes=tuple(values.get("size", ())),
        materials=tuple(values.get("material", ())),
        attributes={field: tuple(texts) for field, texts in values.items() if field not in own},
    )


def _repair(text: str) -> str:
    """Text that was once read in the wrong encoding, put right: `donâ€™t` is `don’t`."""
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return text
