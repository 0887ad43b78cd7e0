from collections.abc import Sequence
from functools import cache
from pathlib import Path

import msgspec
import yaml

_FOLDER = Path(__file__).parent


class NoSuchPhrase(Exception):
    """A key has no wording. A programming mistake or a gap in a translation."""

    def __init__(self, *, key: str) -> None:
        super().__init__(f"There is no wording for {key!r}; add one to the phrase files.")
        self.key = key


class PhraseBook:
    """One language's wordings."""

    def __init__(self, *, language: str, wordings: dict[str, tuple[str, ...]]) -> None:
        self.language = language
        self._wordings = wordings

    def say(self, key: str, /, *, seed: int, avoid: str = "", **values: str | int) -> str:
        """One wording of the key, filled in. `seed` turns the choice; one that `avoid` holds is passed over."""
        wordings = self._wordings.get(key)
        if not wordings:
            raise NoSuchPhrase(key=key)
        turned = [wordings[(seed + step) % len(wordings)] for step in range(len(wordings))]
        filled = [wording.format(**values) for wording in turned]
        return next((words for words in filled if not words or words not in avoid), filled[0])

    def join(self, items: Sequence[str], *, last: str = "and") -> str:
        """Answers the items in a row: a, b and c."""
        if len(items) < 2:
            return "".join(items)
        return f"{', '.join(items[:-1])} {last} {items[-1]}"


@cache
def get_book(language: str) -> PhraseBook:
    """The wordings of a language; raises `FileNotFoundError` for one without a file."""
    text = (_FOLDER / f"{language}.yaml").read_text(encoding="utf-8")
    wordings = msgspec.convert(yaml.safe_load(text), dict[str, tuple[str, ...]])
    return PhraseBook(language=language, wordings=wordings)
