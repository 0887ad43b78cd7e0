"""One answer, from the words to the reply on the trail: the same steps in a turn and in its replay."""

import re
from collections.abc import Awaitable, Callable
from functools import partial

import msgspec

from commerce_agent.agent.builtin.changes import tell_ages, tell_changes
from commerce_agent.agent.builtin.memories import tell_memory
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.by_parts import ByParts
from commerce_agent.agent.catching_up import catch_up
from commerce_agent.agent.closing import Spoke, record_decision, record_reply, record_understanding
from commerce_agent.agent.memory.past_orders import Purchases, understand_purchases
from commerce_agent.agent.memory.recollecting import Note, Recollection, recollect
from commerce_agent.agent.phrases import PhraseBook, find_book
from commerce_agent.agent.shop.conduct import find_conduct
from commerce_agent.agent.shop.languages import find_turn_within
from commerce_agent.agent.shop.settings import AgentSettings
from commerce_agent.agent.understanding.adding_more import as_said, names_all, read_as_added
from commerce_agent.agent.understanding.asked_language import find_asked_language
from commerce_agent.agent.understanding.asking_after import Last, find_asked
from commerce_agent.agent.understanding.every_color import name_every_color
from commerce_agent.agent.understanding.glossed import gloss_message
from commerce_agent.agent.understanding.looking_up import name_goods
from commerce_agent.agent.understanding.meant_in_cart import swaps_in_cart
from commerce_agent.agent.understanding.moves import Move
from commerce_agent.agent.understanding.open_questions import with_open_question
from commerce_agent.agent.understanding.parts import list_parts, part_own_words
from commerce_agent.agent.understanding.understand import understand
from commerce_agent.agent.understanding.understood import ShopWords, Understanding
from commerce_agent.agent.voice import Voice
from commerce_agent.agent.wording.tables import find_table_words
from commerce_agent.agent.wording.terms import say_age
from commerce_agent.tools.answers import NotedShop, pack_answers
from commerce_agent.tools.desk import Desk
from commerce_agent.tools.goods import Goods
from commerce_agent.tools.trail import Trail
from conversations.constraints import ConstraintReading
from conversations.events.decisions import Basis
from conversations.events.entities import EntitiesFocused, EntitiesIntroduced
from conversations.events.messages import TierChanged
from conversations.language.glossing import Gloss
from conversations.redaction import without_marks
from conversations.state import ConversationState

LONGEST_WORD = 60
MOST_READ = 2000
"""Letters of a message that are understood; all of it is kept."""
_ENDLESS = re.compile(rf"\S{{{LONGEST_WORD},}}")

_OF_TALK = frozenset({"override", "upset", "off_topic", "language", "recall", "start_over"})
"""What a message is wholly about."""

Speak = Callable[[Scene], Awaitable[Spoke]]
Recall = Callable[[], Awaitable[ConversationState]]
"""Answers the state with everything that ever came up."""


async def answer(
    *,
    conversation: str,
    trail: Trail,
    voice: Voice,
    words: ShopWords,
    shop: Goods,
    speak: Speak,
    recall: Recall,
    settings: AgentSettings,
) -> None:
    """Understands, speaks and closes. What it asked of the shop is kept beside the decision."""
    noted = NotedShop(shop=shop, trail=trail)
    _record_tier(trail, tier=shop.context.tier)
    await _focus_pointed(trail, recall=recall)
    said = _cut(without_marks(trail.state.transcript.said))
    catch_up(trail, words=words)
    turned_to = find_turn_within(settings.languages, said=said, state=trail.state)
    understanding, notes = await _read(said, shop=noted, trail=trail, words=words, recall=recall)
    parts = ByParts(
        _list_parts(said, understanding, words=words) if not notes else (),
        trail=trail,
        read=partial(_read_part, shop=noted, trail=trail, words=words, recall=recall),
    )
    record_understanding(trail, understanding)
    parts.note_recorded()
    book = find_book(turned_to or trail.state.transcript.locale)
    scene = Scene(
        desk=_open_desk(noted, trail=trail, conversation=conversation, book=book),
        understanding=understanding,
        words=words,
        voice=voice,
        book=book,
        settings=settings,
        parts=parts,
    )
    spoke = await _speak_safely(scene, speak=speak)
    await tell_memory(scene, notes=notes)
    await tell_changes(scene)
    await tell_ages(scene)
    decision = record_decision(
        trail,
        conversation=conversation,
        understanding=parts.put_together(understanding),
        verdicts=voice.verdicts,
        spoke=spoke,
        basis=_note_basis(trail, shop=shop, words=words, spoke=spoke),
    )
    record_reply(trail, text=voice.text, decision=decision, language=turned_to)


def _note_basis(trail: Trail, *, shop: Goods, words: ShopWords, spoke: Spoke) -> Basis:
    return Basis(
        at=trail.at,
        since=trail.since,
        words=words.digest,
        answers=pack_answers(context=shop.context, noted=trail.noted_for_record),
        # What a model said in vain, before the built-in planner spoke, is no part of how the turn went.
        heard=spoke.used.heard if spoke.used and spoke.planner != "builtin" else b"",
    )


def _open_desk(shop: Goods, *, trail: Trail, conversation: str, book: PhraseBook) -> Desk:
    return Desk(
        shop=shop,
        trail=trail,
        conversation=conversation,
        currency=trail.state.transcript.currency,
        say_age=partial(say_age, book=book),
        in_size=book.put("wish.size", size="{size}"),
        table_words=find_table_words(book),
    )


async def _read(
    said: str, *, shop: NotedShop, trail: Trail, words: ShopWords, recall: Recall
) -> tuple[Understanding, tuple[Note, ...]]:
    """What the message means, and what is to be said of the memory that it took."""
    read = gloss_message(said, state=trail.state, vocabulary=words.vocabulary)
    understanding = _find_conduct(read) or _find_asked_after(read, trail=trail, words=words)
    if understanding is not None:
        return understanding, ()
    recollection = await recollect(read, shop=shop, trail=trail) or Recollection(read=read)
    if recollection.whole is not None:
        return recollection.whole, recollection.notes
    read, found = recollection.read, recollection.found
    if found:
        understanding = understand(said=read.said, read=read, state=trail.state, words=words, found=found)
        return understanding, recollection.notes
    understanding = await _read_goods(read, shop=shop, trail=trail, words=words, recall=recall)
    if recollection.own is not None:
        own = understand(said=read.said, read=recollection.own, state=trail.state, words=words)
        understanding = recollection.mark(understanding, own=own.reading)
    return understanding, recollection.notes


def _list_parts(said: str, whole: Understanding, *, words: ShopWords) -> tuple[str, ...]:
    """The requests of a message that is not about the talk itself, in the shopper's own words."""
    if whole.own_said != said or any(move.kind in _OF_TALK for move in whole.moves):
        return ()
    if whole.read is None or whole.read.language == "en":
        return list_parts(said, policies=words.policies)
    return part_own_words(whole.read, parts=list_parts(whole.read.text, policies=words.policies))


async def _read_part(
    said: str, *, shop: NotedShop, trail: Trail, words: ShopWords, recall: Recall
) -> Understanding:
    """What a part of a message means; it answers no question that was asked before the message."""
    read = gloss_message(said, state=trail.state, vocabulary=words.vocabulary)
    asked = find_asked(read, tail=(), read_before=lambda before: Gloss(text=before, said=before))
    if asked is not None:
        return _mean(asked.read, Move(kind=asked.kind, topic=asked.code))
    return await _read_goods(read, shop=shop, trail=trail, words=words, recall=recall)


async def _read_goods(
    read: Gloss, *, shop: NotedShop, trail: Trail, words: ShopWords, recall: Recall
) -> Understanding:
    if (more := read_as_added(read, state=trail.state)) is not None:
        added = understand(said=more.text, state=trail.state, words=words)
        added = await name_goods(added, shop=shop, trail=trail, words=words, orders=())
        if names_all(added, state=trail.state):
            return as_said(added, more)
    understanding = await _understand(read, trail=trail, words=words, recall=recall)
    orders: Purchases = ()
    if understanding.of_purchases:
        understanding, orders = await understand_purchases(
            read, understanding, shop=shop, trail=trail, words=words
        )
    named = await name_goods(understanding, shop=shop, trail=trail, words=words, orders=orders)
    return await name_every_color(named, shop=shop, trail=trail)


def _record_tier(trail: Trail, *, tier: str | None) -> None:
    """The turn's prices are those of the tier of now; a tier that changed since the last turn is put on record."""
    if tier != trail.state.transcript.tier:
        trail.record(TierChanged(tier=tier, before=trail.state.transcript.tier))


async def _focus_pointed(trail: Trail, *, recall: Recall) -> None:
    """What the shopper pointed at is in focus, whatever the turn before left there; it may have to be recalled."""
    refs, entities = trail.state.transcript.pointed, trail.state.entities
    if any(entities.find(ref) is None for ref in refs):
        entities = (await recall()).entities
    pointed = tuple(entity for ref in refs if (entity := entities.find(ref)))
    gone = tuple(entity for entity in pointed if trail.state.entities.find(entity.ref) is None)
    if gone:
        trail.record(EntitiesIntroduced(entities=gone, source="named"))
    if pointed:
        trail.record(EntitiesFocused(refs=tuple(entity.ref for entity in pointed)))


async def _speak_safely(scene: Scene, *, speak: Speak) -> Spoke:
    """The answer; whoever wrote a card number is told beside it that it is gone, and not to do so."""
    if not scene.desk.trail.state.transcript.redacted:
        return await speak(scene)
    if not any(letter.isalnum() for letter in scene.understanding.said):
        await scene.say("redacted")
        return Spoke(planner="builtin", reason="there was nothing but payment data")
    spoke = await speak(scene)
    scene.voice.break_line()
    await scene.say("redacted")
    return spoke


def _cut(said: str) -> str:
    """What is read of a message: nobody's word is so long, and matching it against a shop's would take minutes."""
    return _ENDLESS.sub(lambda word: word.group()[:LONGEST_WORD], said)[:MOST_READ]


def _find_conduct(read: Gloss) -> Understanding | None:
    """The meaning of a message that is not about goods: it points at nothing and sets no limit."""
    if language := find_asked_language(read.said):
        return _mean(read, Move(kind="language", topic=language))
    kind = find_conduct(read.said) or find_conduct(read.text)
    return _mean(read, Move(kind=kind)) if kind else None


def _find_asked_after(read: Gloss, *, trail: Trail, words: ShopWords) -> Understanding | None:
    """The meaning of a message about an order that was placed, or about a promotion code."""
    state = trail.state
    if swaps_in_cart(read.text, state=state):
        return None
    read_before = partial(gloss_message, state=state, vocabulary=words.vocabulary)
    tail = state.transcript.tail
    if tail and swaps_in_cart(read_before(tail[-1].said).text, state=state):
        tail = ()  # "The black one" says which of the cart's is to be swapped.
    asked = find_asked(
        read,
        tail=tail,
        read_before=read_before,
        holds_goods=bool(state.cart.lines),
        last=_find_last(state),
        names=[*words.vocabulary.brands, *(known.entity.name for known in state.entities.known.values())],
    )
    return _mean(asked.read, Move(kind=asked.kind, topic=asked.code)) if asked else None


def _find_last(state: ConversationState) -> Last:
    if with_open_question(state).asked is not None:
        return "asked"
    changed = any(
        used.tool == "change_cart" and used.outcome == "ok" and not used.dropped
        for decision in state.decisions.latest[-1:]
        for used in decision.tools
    )
    if changed or state.cart.proposal is not None:
        return "acted"
    told = {used.tool for decision in state.decisions.latest[-1:] for used in decision.tools}
    return "listed" if "list_orders" in told else "told"


def _mean(read: Gloss, move: Move) -> Understanding:
    return Understanding(
        said=read.text,
        moves=(move,),
        references=(),
        reading=ConstraintReading(rest=""),
        read=read if read.text != read.said else None,
    )


async def _understand(read: Gloss, *, trail: Trail, words: ShopWords, recall: Recall) -> Understanding:
    """Reads the message; what it points at may have come up too long ago to be at hand, and is recalled."""
    understanding = understand(said=read.said, read=read, state=trail.state, words=words)
    missed = any(reference.outcome == "unknown" for reference in understanding.references)
    if not missed or not trail.state.entities.archived:
        return understanding
    whole = await recall()
    remembered = msgspec.structs.replace(
        trail.state, entities=msgspec.structs.replace(trail.state.entities, known=whole.entities.known)
    )
    again = understand(said=read.said, read=read, state=remembered, words=words)
    found = tuple(entity for ref in again.resolved if (entity := whole.entities.find(ref)))
    if not found:
        return understanding
    trail.record(EntitiesIntroduced(entities=found, source="named"))
    return again
