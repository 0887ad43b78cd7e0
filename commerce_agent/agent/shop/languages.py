"""The languages that a shop answers in: what is written in another is answered in the first of them."""

import re
from functools import lru_cache

from commerce_agent.agent.phrases import find_book
from commerce_agent.agent.understanding.asked_language import SPOKEN, find_asked_language, find_named_language
from commerce_agent.agent.understanding.glossed import find_turn
from conversations.language.recognising import find_languages, is_outside
from conversations.state import ConversationState

_CODE = re.compile(r"[a-z]{2,3}(?![a-z])", re.IGNORECASE)
_QUOTED = re.compile(r"[\"“„«][^\"“”„«»]*[\"”“»]")


@lru_cache(maxsize=256)
def list_codes(chosen: tuple[str, ...]) -> tuple[str, ...]:
    """The languages as codes, however the shop wrote them: "de", "de-AT", "German", "Deutsch"."""
    codes = (find_named_language(each) or _read_code(each) for each in chosen)
    return tuple(dict.fromkeys(code for code in codes if code))


def _read_code(written: str) -> str:
    found = _CODE.match(written.strip())
    return found.group().lower() if found else ""


def find_turn_within(chosen: tuple[str, ...], *, said: str, state: ConversationState) -> str:
    """The language that the reply turns to, where it is another than before: the shopper's, as far as the shop speaks
    it, else the shop's first that we speak.
    """
    codes = list_codes(chosen)
    turned = find_turn(said, state=state)
    ours = [code for code in codes if code in SPOKEN]
    if not ours:
        return turned
    usual = find_book(state.transcript.locale).language
    spoken = turned or find_asked_language(said) or _find_other(said, state=state) or usual
    wanted = spoken if spoken in ours else ours[0]
    return wanted if wanted != usual else ""


def _find_other(said: str, *, state: ConversationState) -> str:
    """A language that nothing here speaks, where the message is plainly in it; a button's text is the shop's."""
    if said.strip() in state.transcript.offered:
        return ""
    return next(iter(sorted(find_languages(said) - SPOKEN)), "")


def is_in_other(sentence: str, *, chosen: tuple[str, ...]) -> bool:
    """Whether a sentence is plainly in none of the shop's languages; what it quotes counts for nothing."""
    codes = list_codes(chosen)
    return bool(codes) and is_outside(_QUOTED.sub(" ", sentence), languages=codes)
