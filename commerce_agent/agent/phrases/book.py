from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from pathlib import Path

from babel.lists import format_list

from commerce_agent.agent.phrases.message import Value, fill
from commerce_agent.decoding import convert, decode_yaml

_FOLDER = Path(__file__).parent
LANGUAGES = ("en", "de", "es", "fr")
_LOCALES = {"en": "en_US", "de": "de_DE", "es": "es_ES", "fr": "fr_FR"}
_LISTED_AS = {"en": "en_GB"}
"""Where a row of things is written as in another place: no comma before the last."""


class NoSuchPhrase(Exception):
    """A key has no wording. A programming mistake or a gap in a translation."""

    def __init__(self, *, key: str) -> None:
        super().__init__(f"There is no wording for {key!r}; add one to the phrase files.")
        self.key = key


class PhraseBook:
    """One language's wordings and names of things."""

    def __init__(
        self, *, language: str, wordings: dict[str, tuple[str, ...]], names: dict[str, dict[str, str]]
    ) -> None:
        self.language = language
        self.locale = _LOCALES.get(language, "en_US")
        self.wordings = wordings
        self.names = names

    def say(
        self, key: str, /, *, seed: int, wear: Callable[[str], int] | None = None, **values: Value
    ) -> str:
        """One wording of the key, filled in. `seed` turns the choice; the least worn is taken."""
        wordings = self._get(key)
        turned = [wordings[(seed + step) % len(wordings)] for step in range(len(wordings))]
        filled = [fill(wording, values, locale=self.locale) for wording in turned]
        return min(filled, key=wear) if wear else filled[0]

    def put(self, key: str, /, **values: Value) -> str:
        """The first wording of the key: for a part of a sentence, which says the same every time."""
        return fill(self._get(key)[0], values, locale=self.locale)

    def _get(self, key: str) -> tuple[str, ...]:
        wordings = self.wordings.get(key)
        if not wordings:
            raise NoSuchPhrase(key=key)
        return wordings

    def has(self, key: str) -> bool:
        """Whether there is a wording of this key."""
        return key in self.wordings

    def name(self, word: str, *, kind: str) -> str:
        """What the language calls an attribute ("field") or a colour ("color"); the shop's word where it is its own."""
        plain = word.replace("_", " ")
        return self.names.get(kind, {}).get(plain.lower(), plain)

    def join(self, items: Sequence[str], *, last: str = "and") -> str:
        """Answers the items in a row: a, b and c."""
        if len(items) < 2:
            return "".join(items)
        return format_list(
            list(items),
            style="or" if last == "or" else "standard",
            locale=_LISTED_AS.get(self.language, self.locale),
        )


@cache
def get_book(language: str) -> PhraseBook:
    """The wordings of a language; raises `FileNotFoundError` for one without a file."""
    text = (_FOLDER / f"{language}.yaml").read_text(encoding="utf-8")
    written = decode_yaml(text)
    names = convert(written.pop("names", {}), dict[str, dict[str, str]])
    wordings = convert(written, dict[str, tuple[str, ...]])
    return PhraseBook(language=language, wordings=wordings, names=names)


@lru_cache(maxsize=256)
def find_book(locale: str) -> PhraseBook:
    """The wordings for a locale ("de", "de-AT"); the English ones where there are none."""
    language = locale.replace("_", "-").partition("-")[0].lower()
    return get_book(language if language in LANGUAGES else "en")
