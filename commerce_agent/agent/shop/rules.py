"""What a shop's settings say of a message: topics that its assistant leaves alone, and when it calls a person.

A topic or a rule is a line in the merchant's own words. It holds for a message that has all of its telling words,
whatever their endings; after a colon stand further words, parted by commas, any of which is enough: "Health: dosage,
side effects". Words of which `same_in_languages.yaml` knows the meaning hold in each language. The model reads the same
lines and may see more in them.
"""

import re
from functools import cache, lru_cache
from pathlib import Path

import yaml

from commerce_agent.agent.shop.conduct import find_conduct
from commerce_agent.agent.shop.settings import AgentSettings
from conversations.language.tokens import get_stem, list_tokens

_STEMMERS = ("english", "german", "spanish", "french")
_WORDS = """
a about all an and any anybody anyone are as ask asked asking asks at be been by call can client
clients customer customers do does for from get gets has have he her him his how i if in into is it
its like me mention mentions my need needs of on or our over people person question questions say
says she shopper shoppers somebody someone talk talks tell tells than that the their them there they
this to topic topics us user users want wants we what when whenever where whether which who will
wish wishes with would you your aber bei das dem den der des die ein eine einem einen einer es fragt
für geht ich im ist jemand kunde kunden kundin man mit nach oder sich sie thema themen über um und
von wann wenn will wir zu zum zur al alguien cliente clientes con cuando de del el en la las lo los
o para pide por pregunta que quiere se si sobre un una y au aux avec ce client clients dans demande
des du elle et il ils le les on ou pour quand quelqu'un sur une veut
"""
_UNTELLING = frozenset(_WORDS.split())
"""What lines are made of besides what they are about, in four languages."""
_CROSS = frozenset(
    {
        "angry",
        "annoyed",
        "upset",
        "furious",
        "frustrated",
        "rude",
        "wütend",
        "verärgert",
        "enfadado",
        "énervé",
    }
)
"""Words for a mood, which a shopper has and does not name."""
_SAME = Path(__file__).parent / "same_in_languages.yaml"
_TURNS_AWAY = re.compile(
    r"\b(?:can(?:'|’|no)t|can not|won['’]t|(?:not|un)able|rather not|leave\b.{0,30}\balone|don['’]t (?:discuss|go into)"
    r"|not something I|outside (?:of )?(?:what|my)|nichts sagen"
    r"|(?:kann|darf)\b.{0,60}\bnicht|no (?:puedo|podemos)|fuera de|(?:peux|pouvons|saurais) pas|en dehors)\b",
    re.IGNORECASE,
)
"""How a reply says that it leaves something alone, which it may."""

Words = frozenset[str]
Cue = tuple[tuple[Words, ...], ...]
"""What has to be said, each in one of several ways."""


def find_declined(settings: AgentSettings, *, texts: tuple[str, ...]) -> str | None:
    """The topic that the shop leaves alone and the message is about; `texts` are its readings."""
    return _find(settings.declined_topics, texts)


def find_broached(settings: AgentSettings, *, sentence: str) -> str | None:
    """The topic left alone by the shop that a sentence of a reply goes into all the same."""
    return None if _TURNS_AWAY.search(sentence) else _find(settings.declined_topics, (sentence,))


def find_handoff(settings: AgentSettings, *, texts: tuple[str, ...]) -> str | None:
    """The rule by which the message is for a person."""
    if rule := _find(settings.handoff_rules, texts):
        return rule
    if any(find_conduct(text) == "upset" for text in texts):
        return next((rule for rule in settings.handoff_rules if _CROSS & set(rule.lower().split())), None)
    return None


def _find(lines: tuple[str, ...], texts: tuple[str, ...]) -> str | None:
    said = [_list_words(text) for text in texts]
    return next(
        (line for line in lines if any(_holds(cue, words) for cue in _list_cues(line) for words in said)),
        None,
    )


def _holds(cue: Cue, words: Words) -> bool:
    """Whether all that the cue wants is said, in some form of one language each."""
    return all(any(_is_in(way, words) for way in ways) for ways in cue)


@lru_cache(maxsize=8192)
def _is_in(some: Words, words: Words) -> bool:
    return any(_stem_all(some, language=each) <= _stem_all(words, language=each) for each in _STEMMERS)


@lru_cache(maxsize=4096)
def _stem_all(words: Words, *, language: str) -> Words:
    return frozenset(get_stem(word, language=language) for word in words)


@lru_cache(maxsize=1024)
def _list_cues(line: str) -> tuple[Cue, ...]:
    """The cues each of which is enough. A number alone tells nothing."""
    name, _, further = line.partition(":")
    cues = (_list_words(cue) - _UNTELLING - _CROSS for cue in (name, *further.split(",")))
    return tuple(_put_in_languages(cue) for cue in cues if any(word.isalpha() for word in cue))


def _put_in_languages(words: Words) -> Cue:
    """What each of the words may be called elsewhere; phrases first, so that "side effects" stays one thing."""
    left, cue = set(words), []
    for same in sorted(_read_same(), key=lambda ways: -max(map(len, ways))):
        used = next((way for way in same if _is_in(way, frozenset(left))), None)
        if used is not None:
            cue.append(same)
            left -= {
                word for word in left if any(_is_in(frozenset({each}), frozenset({word})) for each in used)
            }
    return (*cue, *((frozenset({word}),) for word in sorted(left)))


@cache
def _read_same() -> tuple[tuple[Words, ...], ...]:
    """The ways to say each meaning that is known."""
    meanings = yaml.safe_load(_SAME.read_text(encoding="utf-8"))
    return tuple(
        tuple(_list_words(form) - _UNTELLING for forms in meaning.values() for form in forms)
        for meaning in meanings
    )


@lru_cache(maxsize=256)
def _list_words(text: str) -> frozenset[str]:
    return frozenset(token.word for token in list_tokens(text) if token.is_word)
