"""Why-questions, answered from the decision records and from nothing else.

Where no record weighed the item, that is said: a reason found afterwards would be none that decided anything.
"""

import re

import msgspec

from catalog.products import SearchQuery
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.explain import Line, Wording, explain_items, explain_reply, explain_terms
from commerce_agent.agent.understanding.english.asking_why import CHOICE_WORDS, WHY_WORDS
from commerce_agent.agent.understanding.english.moves import POINTS_ONLY
from commerce_agent.agent.understanding.own_items import PRONOUNS
from commerce_agent.tools.seeking import look_up
from commerce_agent.tools.showing import get_ref
from conversations.events.decisions import Candidate, Decision
from conversations.events.entities import Reference
from conversations.ids import EntityRef
from conversations.language.tokens import list_stems

MOST_TOLD = 3
WHY_MOVES = frozenset({"why", "why_not"})
_SHORTEST_WORD = 2
_LONGEST_BARE = 3
"""A why-question of so few words is about what was just said: "why?", "why this one?"."""
_AT_FIRST = re.compile(
    r"\b(?:(?:at|in the) (?:first(?: place)?|beginning|start)|before|earlier|initially|straight away|right away"
    r"|the first time|first|to begin with|from the start)\W*$"
)
_WORDS = re.compile(r"\w+")


def asks_for_choice(scene: Scene) -> bool:
    """Whether the question is why something was or was not suggested, and not why shipping costs so much."""
    moves = scene.understanding.moves
    if any(move.kind == "why_not" for move in moves):
        return True
    if not any(move.kind == "why" for move in moves):
        return False
    alone = all(move.kind in WHY_MOVES for move in moves)
    return alone or bool(scene.understanding.resolved) or CHOICE_WORDS.search(scene.said) is not None


def is_for_record(scene: Scene) -> bool:
    """Whether the message asks why something was or was not suggested, whatever else it asks for: whoever else could
    speak, the record answers. A model that answered the rest could add a reason of its own.
    """
    moves = scene.understanding.moves
    if not any(move.kind in WHY_MOVES for move in moves):
        return False
    if any(move.kind not in WHY_MOVES for move in moves):
        return asks_for_choice(scene)
    firm = any(move.kind == "why_not" for move in moves) or bool(scene.understanding.resolved)
    bare = len(_WORDS.findall(scene.said)) <= _LONGEST_BARE
    return firm or bare or CHOICE_WORDS.search(scene.said) is not None


def write_why(scene: Scene) -> list[str]:
    """What the record says to the message's why-question, for a model that answers the rest of it."""
    refs = scene.understanding.resolved or find_named(scene)
    decision = _find_decision(scene, refs)
    if decision is None:
        return [scene.book.say("why.unknown", seed=0)]
    wording = get_wording(scene)
    lines = explain_items(decision, refs, wording=wording) or explain_reply(decision, wording=wording)
    for line in lines:
        for total in line.sums:
            scene.voice.allow_sum(total)
    return [line.say(scene.book, seed=0) for line in lines]


def points_at_list(scene: Scene, reference: Reference) -> bool:
    """As in "why that?" after five were shown: what is meant is the reply, and nothing has to be picked out."""
    asks_why = all(move.kind in WHY_MOVES for move in scene.understanding.moves)
    if asks_why and 1 < len(reference.candidates) <= MOST_TOLD:
        return True  # "Why did you show me the anvil stuff?": of each of the two.
    return asks_why and (
        reference.text.lower() in PRONOUNS or POINTS_ONLY.fullmatch(reference.text) is not None
    )


async def tell_why(scene: Scene, refs: tuple[EntityRef, ...]) -> None:
    """Says why the items were shown, or why the last list looked as it did."""
    refs = (
        refs or tuple(ref for each in scene.understanding.unresolved for ref in each.candidates)[:MOST_TOLD]
    )
    refs = _with_versions(scene, refs)
    decision = _find_asked(scene, refs)
    if decision is None:
        await scene.say("why.unknown" if refs else "why.none")
        return
    wording = get_wording(scene)
    refs = _without_other_versions(scene, decision, refs)
    explained = explain_items(decision, refs, wording=wording) if refs else ()
    lines = _put_as_suggested(scene, explained, offered=_find_offered(scene, refs) is not None)
    await _say(scene, lines or explain_reply(decision, wording=wording))


def _without_other_versions(
    scene: Scene, decision: Decision, refs: tuple[EntityRef, ...]
) -> tuple[EntityRef, ...]:
    """The items but for another colour of what was shown, which stayed out: why it was shown is asked."""
    kept = {candidate.ref for candidate in decision.candidates if candidate.kept} & set(refs)
    entities = [scene.desk.trail.state.entities.find(ref) for ref in kept]
    groups = {entity.group for entity in entities if entity and entity.group}
    others = (
        ref
        for ref in refs
        if (entity := scene.desk.trail.state.entities.find(ref)) is None
        or ref in kept
        or entity.group not in groups
    )
    return tuple(others)


def _put_as_suggested(scene: Scene, lines: tuple[Line, ...], *, offered: bool) -> tuple[Line, ...]:
    """As in "why that?" of what was left out of the search: it is the shopper's own choice, or was named as what comes
    nearest.
    """
    held = {line.title for line in scene.desk.trail.state.cart.lines}
    named = "why.nearest" if offered else "why.rejected"
    return tuple(
        msgspec.structs.replace(line, key="why.own" if _is_one_of(line.names, held) else named)
        if line.key == "why.rejected"
        else line
        for line in lines
    )


def _is_one_of(names: tuple[str, ...], titles: set[str]) -> bool:
    return any(title.startswith(name) for title in titles for name in names)


def _with_versions(scene: Scene, refs: tuple[EntityRef, ...]) -> tuple[EntityRef, ...]:
    """The items and what was weighed in their place: the search showed one bottle, the cart holds the large one."""
    entities = scene.desk.trail.state.entities
    groups = {entity.group for ref in refs if (entity := entities.find(ref)) and entity.group}
    weighed = (c.ref for decision in scene.desk.trail.state.decisions.latest for c in decision.candidates)
    versions = (ref for ref in weighed if (entity := entities.find(ref)) and entity.group in groups)
    return tuple(dict.fromkeys((*refs, *versions)))


async def tell_why_not(scene: Scene, refs: tuple[EntityRef, ...]) -> None:
    """Says why an item was left out, when the records weighed it."""
    named = find_named(scene) or (refs if _is_named(scene, refs) else await _look_up(scene) or refs)
    decision = _find_left_out(scene, named) or _find_decision(scene, named)
    weighed = decision.candidates if decision is not None else ()
    asked = next((candidate for candidate in weighed if candidate.ref in named), None)
    if decision is None or asked is None:
        await _tell_unweighed(scene, named)
        return
    if asked.kept:
        name = _name(scene, asked)
        await scene.say("why.shown", item=name)
    await _say(scene, explain_items(decision, named, wording=get_wording(scene)))


def get_wording(scene: Scene) -> Wording:
    """How the scene writes what a record holds."""
    return Wording(
        book=scene.book,
        currency=scene.desk.currency,
        units=scene.units,
        name=lambda candidate: _name(scene, candidate),
        titles=dict(scene.words.policies),
    )


async def _say(scene: Scene, lines: tuple[Line, ...]) -> None:
    for line in lines:
        for name in line.names:
            scene.voice.allow_name(name)
        for total in line.sums:
            scene.voice.allow_sum(total)
        await scene.say(line.key, **line.values)


def find_named(scene: Scene) -> tuple[EntityRef, ...]:
    """The weighed items whose name shares most words with the message, more than the others do."""
    weighed = [candidate for made in scene.desk.trail.state.decisions.latest for candidate in made.candidates]
    words = _list_naming(scene, weighed)
    if not words:
        return ()
    shared = {
        candidate.ref: len(words) if words <= _list_name_words(candidate) else 0 for candidate in weighed
    }
    best = tuple(ref for ref, count in shared.items() if count)
    groups = {
        entity.group if (entity := scene.desk.trail.state.entities.find(ref)) else ref.key for ref in best
    }
    names = {candidate.name for candidate in weighed if candidate.ref in best}
    return best if len(groups) == 1 or len(names) == 1 else ()


def _list_naming(scene: Scene, weighed: list[Candidate]) -> set[str]:
    """The words of the question that name something. Of a message in another language those that some name has:
    its English is word for word, and turns a part of a name into a word.
    """
    if scene.understanding.read is None:
        return {
            stem
            for word in _WORDS.findall(_AT_FIRST.sub("", scene.said))
            if word not in WHY_WORDS
            for stem in list_stems(word)
        }
    own = {stem for word in _WORDS.findall(scene.understanding.own_said) for stem in list_stems(word)}
    return own & {stem for candidate in weighed for stem in _list_name_words(candidate)}


def _list_name_words(candidate: Candidate) -> set[str]:
    return {stem for stem in list_stems(candidate.name) if len(stem) > _SHORTEST_WORD}


async def _look_up(scene: Scene) -> tuple[EntityRef, ...]:
    """What the shop has under the name in the question, where it is all in one title."""
    words = _list_naming(scene, [])
    shop = scene.desk.shop
    asked = _AT_FIRST.sub("", scene.said)
    text = " ".join(word for word in _WORDS.findall(asked) if word not in WHY_WORDS)
    if not words:
        return ()
    found = await look_up(shop, SearchQuery(text=text, limit=MOST_TOLD, now=shop.now))
    titled = [hit for hit in found.hits if words <= set(list_stems(hit.title))]
    return tuple(get_ref(hit.sku) for hit in titled) if len({hit.group for hit in titled}) == 1 else ()


def _is_named(scene: Scene, refs: tuple[EntityRef, ...]) -> bool:
    """Whether what was resolved bears the whole name in the question."""
    entities = [entity for ref in refs if (entity := scene.desk.trail.state.entities.find(ref))]
    words = _list_naming(scene, [])
    return not words or any(words <= set(list_stems(entity.name)) for entity in entities)


async def _tell_unweighed(scene: Scene, refs: tuple[EntityRef, ...]) -> None:
    """Says that no record weighed it, and by what the last one that weighed anything went. No reason is made up now."""
    decision = _find_decision(scene, ())
    if decision is None:
        await scene.say("why.none")
        return
    offers = await scene.desk.shop.list_offers([ref.key for ref in refs[:1]])
    if not offers:
        await scene.say("why.unknown")
    for offer in offers:
        name = scene.name(offer)
        await scene.say("why.unweighed", item=name)
        scene.offer_replies(scene.book.put("button.search", words=name))
    await _say(scene, (explain_terms(decision, wording=get_wording(scene)),))


def _find_asked(scene: Scene, refs: tuple[EntityRef, ...]) -> Decision | None:
    """A bare "why?" is about the reply before it, if that weighed anything or told the shop's terms."""
    latest = scene.desk.trail.state.decisions.latest
    if not refs and latest and latest[-1].policies and not CHOICE_WORDS.search(scene.said):
        return latest[-1]
    if offered := _find_offered(scene, refs):
        return offered
    return _find_decision(scene, refs, kept=True) or _find_decision(scene, refs)


def _find_offered(scene: Scene, refs: tuple[EntityRef, ...]) -> Decision | None:
    """As in "why that?" of what was named where nothing fitted: by that search, whatever had shown it before."""
    state, last = scene.desk.trail.state, _find_decision(scene, ())
    if last is None or any(candidate.kept for candidate in last.candidates):
        return None
    replied = "".join(exchange.replied for exchange in state.transcript.tail if exchange.turn == last.turn)
    held = {line.ref for line in state.cart.lines}
    offered = {*scene.desk.trail.focus_before} & {candidate.ref for candidate in last.candidates} - held
    meant = [state.entities.find(ref) for ref in refs if ref in offered]
    return last if any(entity and scene.entity_name(entity) in replied for entity in meant) else None


def _find_decision(scene: Scene, refs: tuple[EntityRef, ...], *, kept: bool = False) -> Decision | None:
    """The newest decision that weighed anything, or one of these items; with `kept`, one that showed it."""
    for decision in reversed(scene.desk.trail.state.decisions.latest):
        weighed = {candidate.ref for candidate in decision.candidates if candidate.kept or not kept}
        if weighed and (not refs or weighed & set(refs)):
            return decision
    return None


def _find_left_out(scene: Scene, refs: tuple[EntityRef, ...]) -> Decision | None:
    """As in "why didn't you show it at first?" of what was shown later: the newest decision that left it out."""
    if not _AT_FIRST.search(scene.said):
        return None
    for decision in reversed(scene.desk.trail.state.decisions.latest):
        if any(candidate.ref in refs and not candidate.kept for candidate in decision.candidates):
            return decision
    return None


def _name(scene: Scene, candidate: Candidate) -> str:
    entity = scene.desk.trail.state.entities.find(candidate.ref)
    if entity:
        return scene.entity_name(entity)
    scene.voice.allow_name(candidate.name)
    return candidate.name
