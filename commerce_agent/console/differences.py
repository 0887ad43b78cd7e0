"""What changed between two wordings, word by word."""

import re
from difflib import SequenceMatcher

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WORDS = re.compile(r"\s+|[^\s]+")
LONGEST = 20_000
"""Letters; beyond it the comparison would keep the page waiting, and the wording is shown as new."""


def show_difference(*, before: str, after: str) -> SafeString:
    """The later wording, with what was added and what was taken out marked as such."""
    if len(before) + len(after) > LONGEST:
        return format_html("<ins>{}</ins>", after)
    old, new = WORDS.findall(before), WORDS.findall(after)
    parts: list[tuple[str, str]] = []
    for change, start, end, into, until in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if change == "equal":
            parts.append(("span", "".join(new[into:until])))
            continue
        parts += [
            (tag, "".join(words))
            for tag, words in (("del", old[start:end]), ("ins", new[into:until]))
            if words
        ]
    return format_html_join("", "{}", ((_mark(tag, words),) for tag, words in parts))


def _mark(tag: str, words: str) -> SafeString:
    match tag:
        case "del":
            return format_html("<del>{}</del>", words)
        case "ins":
            return format_html("<ins>{}</ins>", words)
        case _:
            return format_html("{}", words)


def show_changed_terms(*, before: dict[str, object], after: dict[str, object]) -> SafeString:
    """The terms that differ, each as it was and as it is; empty where none does."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    rows = format_html_join(
        "",
        "<li>{}: <del>{}</del> <ins>{}</ins></li>",
        ((name, before.get(name, "–"), after.get(name, "–")) for name in names),
    )
    return format_html("<ul>{}</ul>", rows) if names else SafeString()
