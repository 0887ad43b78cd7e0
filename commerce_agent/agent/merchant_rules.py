"""What a shop's settings say of a message: topics that its assistant leaves alone, and when it calls a person.

A topic or a rule is a line in the merchant's own words. It holds for a message that has all of its telling words,
whatever their endings; after a colon stand further words, parted by commas, any of which is enough: "Health: dosage,
side effects". The model reads the same lines and may see more in them.
"""

from functools import lru_cache

from commerce_agent.agent.conduct import find_conduct
from commerce_agent.agent.merchant_settings import AgentSettings
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


def find_declined(settings: AgentSettings, *, texts: tuple[str, ...]) -> str | None:
    """The topic that the shop leaves alone and the message is about; `texts` are its readings."""
    return _find(settings.declined_topics, texts)


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


def _holds(cue: frozenset[str], words: frozenset[str]) -> bool:
    """Whether all words of the cue are said, in some form of one language."""
    return any(_stem_all(cue, language=each) <= _stem_all(words, language=each) for each in _STEMMERS)


@lru_cache(maxsize=4096)
def _stem_all(words: frozenset[str], *, language: str) -> frozenset[str]:
    return frozenset(get_stem(word, language=language) for word in words)


@lru_cache(maxsize=1024)
def _list_cues(line: str) -> tuple[frozenset[str], ...]:
    """The sets of words each of which is enough. A number alone tells nothing."""
    name, _, further = line.partition(":")
    cues = (_list_words(cue) - _UNTELLING - _CROSS for cue in (name, *further.split(",")))
    return tuple(cue for cue in cues if any(word.isalpha() for word in cue))


@lru_cache(maxsize=256)
def _list_words(text: str) -> frozenset[str]:
    return frozenset(token.word for token in list_tokens(text) if token.is_word)
