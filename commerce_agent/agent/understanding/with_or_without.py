"""What is left unsaid of goods: "and without?" after a hood, "unscented", "in the same colour", "three, not four"."""

import re
from typing import Final

from commerce_agent.agent.understanding.corrected_versions import write_corrected
from commerce_agent.agent.understanding.english.counting import NOT_SO_MANY, get_number
from commerce_agent.agent.understanding.glossed import gloss_message
from commerce_agent.agent.understanding.understood import ShopWords
from conversations.language.sizes import get_normal_size, goes_by
from conversations.language.tokens import list_stems
from conversations.language.tongues import get_tongue
from conversations.language.vocabulary import YES
from conversations.state import ConversationState

_LEAD: Final = (
    r"^\W*(?:(?:and|or|so|but|then|now|ok(?:ay)?|hm+|no|sorry|actually|what about|how about|what if"
    r"|(?:(?:do|have) you )?(?:have|got)(?: (?:any|some|one|ones|it|them))?|any|is there one|(?:show|give) me"
    r"|(?:the )?ones?)\W+)*"
)
_WITH_ALONE: Final = re.compile(
    rf"{_LEAD}(?P<how>with(?:out)?)(?: (?:it|one|that|this|them|any))?(?:,? (?:then|please|instead))*\W*$",
    re.IGNORECASE,
)
_NAMED: Final = re.compile(
    r"\bwith(?:out)? (?P<what>(?!(?:it|one|that|this|them|me|us|you|him|her|my|the same)\b)[a-z][\w' -]{1,40}?)"
    r"(?= (?:for|in|under|below|over|and|or|but|at|on|from|please|that|which|too|as well|then)\b|\W*(?:[.,;?!]|$))",
    re.IGNORECASE,
)
_LEAVES_OUT: Final = re.compile(
    rf"{_LEAD}(?:without|not|except(?: for)?|excluding|leave out|leaving out|hide|skip|minus)"
    r" (?:the|any|those|any of the) (?P<what>[\w' -]{2,30}?) ones(?:,? (?:then|please))*\W*$",
    re.IGNORECASE,
)
_UNDONE: Final = re.compile(r"\b(?:un|non-? ?)(?P<what>[a-z]{4,})\b", re.IGNORECASE)
_SAME: Final = re.compile(
    r"\bin (?:the|that|a) (?:same|matching) (?P<what>colou?r|size)(?: as (?:it|that|this|them|the \w+))?\b",
    re.IGNORECASE,
)
_LONGEST_BACK: Final = 3
"""So many messages back something may have been named that is left unsaid."""


def write_whole(said: str, *, state: ConversationState, words: ShopWords) -> str:
    """The message with what goods are to be with or without; as it is where it says so itself."""
    if (corrected := write_corrected(said, state=state, words=words)) != said:
        return corrected
    said = _write_same(_write_refused(said, words=words), state=state)
    said = NOT_SO_MANY.sub(lambda corrected: _write_number(corrected, state=state), said)
    if left := _LEAVES_OUT.match(said):
        return f"nothing {left['what']}"
    alone = _WITH_ALONE.match(said)
    named = _find_named(state, words=words) if alone else ""
    return f"{alone['how']} {named}" if alone and named else said


def _write_number(corrected: re.Match[str], *, state: ConversationState) -> str:
    """As in "I said 80, not 65": make it 80; of shoes in size 9, "8, not 9" is a size, and no pieces."""
    other, tongue = get_number(corrected["other"]), get_tongue("en")
    entities = [entity for ref in state.entities.focus if (entity := state.entities.find(ref))]
    sizes = [size for entity in entities for size in entity.attributes.get("size", ())]
    sizes += [str(term.value) for term in state.constraints.active if term.field == "size"]
    is_size = any(get_normal_size(size, tongue) == other or goes_by(size, number=other) for size in sizes)
    return f"no, actually size {corrected['number']}" if is_size else f"make it {corrected['number']}"


def _write_refused(said: str, *, words: ShopWords) -> str:
    """As in "unscented", of goods that are scented or not: "not scented"."""

    def write(word: re.Match[str]) -> str:
        told = list_stems(word["what"])
        has = any(
            list_stems(name) == told and not YES.isdisjoint(value.lower() for value in values)
            for name, values in words.vocabulary.attributes.items()
        )
        return f"not {word['what']}" if has else word.group()

    return _UNDONE.sub(write, said)


def _write_same(said: str, *, state: ConversationState) -> str:
    """As in "a lead in the same colour", after a red harness: "in red"."""
    entities = [entity for ref in state.entities.focus if (entity := state.entities.find(ref))]
    asked = _SAME.search(said)
    if asked is None or not entities:
        return said
    name = "size" if asked["what"].lower() == "size" else "color"
    told = {entity.attributes.get(name, ()) for entity in entities}
    value = told.pop() if len(told) == 1 else ()
    if len(value) != 1:
        return said
    lead = "in size" if name == "size" else "in"
    return f"{said[: asked.start()]}{lead} {value[0].lower()}{said[asked.end() :]}"


def _find_named(state: ConversationState, *, words: ShopWords) -> str:
    for exchange in reversed(state.transcript.tail[-_LONGEST_BACK:]):
        said = gloss_message(exchange.said, state=state, vocabulary=words.vocabulary).text
        if found := [*_NAMED.finditer(said)]:
            return found[-1]["what"]
    held = [term.field for term in state.constraints.active if str(term.value).lower() in YES]
    return held[-1].replace("_", " ") if held else ""
