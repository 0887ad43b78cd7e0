"""Scripts and styles as shoppers download them: what people wrote, without what only people need.

No parser of JavaScript: what is taken out is what the project's own formatting puts in. Every statement ends in a
semicolon or a brace, and every comment stands on lines of its own.
"""

import re
from collections.abc import Callable
from pathlib import PurePosixPath
from string import ascii_lowercase

from commerce_agent.settings.shortening import shorten
from commerce_agent.settings.tokens import Token, read_tokens, write_tokens

COMMENT = re.compile(r"^ */\*.*?\*/\n", re.MULTILINE | re.DOTALL)
AROUND_MARKS = re.compile(r"\s*([{};,>])\s*")
AFTER_COLON = re.compile(r"([\w-]): ")
IMPORT = re.compile(r'^import \{[^}]*\} from "\./(\w+\.js)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export ", re.MULTILINE)
NAME = re.compile(r"[\w$#]")
CUSTOM = re.compile(r"(?<![\w-])--[a-z][\w-]*")
OF_A_LOOK = frozenset({"--accent", "--on-accent", "--link", "--round", "--pill", "--sans"})
"""Properties that a shop's own style sets besides (`chat/looks`)."""
ENDS_NOTHING = ";{},([>=?:&|"
"""After these a new line means nothing."""
GOES_ON = ")]},.?"
"""Before these neither."""
OPENS = frozenset("([{")
CLOSES = frozenset(")]}")
DECLARE = frozenset({"const", "let"})


def make_lean(source: str) -> str:
    """The same script without comments and the blanks between its tokens. What it says to people is untouched."""
    return write_tokens(_drop_blanks(read_tokens(COMMENT.sub("", source))))


def make_short(source: str) -> str:
    """The same for a script that no other imports from, with short names besides."""
    return write_tokens(_join_declarations(shorten(_drop_blanks(read_tokens(COMMENT.sub("", source))))))


def _drop_blanks(tokens: list[Token]) -> list[Token]:
    kept: list[Token] = []
    blank = ""
    for token in tokens:
        if token.text == "}" and kept and kept[-1].text in {";", ","}:
            # Where a block ends its last statement does too, and an object's last property.
            kept.pop()
        if token.kind == "blank":
            blank = token.text
            continue
        if blank and kept:
            kept.append(Token("blank", _keep_blank(blank, before=kept[-1].text[-1], after=token.text[0])))
        kept.append(token)
        blank = ""
    return [token for token in kept if token.text]


def _join_declarations(tokens: list[Token]) -> list[Token]:
    """One declaration in place of several of a kind that follow one another: `const a=1,b=2`."""
    kept: list[Token] = []
    around: list[str] = []
    """Of each bracket that is open, the word that the statement around it begins with where that declares something."""
    declares, begins, skips = "", True, 0
    for at, token in enumerate(tokens):
        if skips:
            skips -= 1
            continue
        mark = token.text if token.kind == "mark" else ""
        if begins and token.kind != "blank":
            declares = token.text if token.kind == "word" and token.text in DECLARE else ""
            begins = False
        if mark in OPENS:
            around.append(declares)
            declares, begins = "", mark == "{"
        elif mark in CLOSES:
            declares = around.pop()
            begins = mark == "}" and not declares
        elif mark == ";":
            # The word and the blank behind it are what another declaration begins with.
            skips = (
                2 if declares and [each.text for each in tokens[at + 1 : at + 3]] == [declares, " "] else 0
            )
            begins = not skips
        kept.append(Token("mark", ",") if skips else token)
    return kept


def _keep_blank(blank: str, *, before: str, after: str) -> str:
    """What has to stay of the blanks between two tokens, of which these are the nearest letters."""
    if "\n" in blank:
        return "" if before in ENDS_NOTHING or after in GOES_ON else "\n"
    # `a + +b` is no `a++b`; two words, or a word and a text, are no one word.
    clings = before == after and before in "+-"
    parts = (NAME.match(before) or before in "\"'`") and NAME.match(after)
    return " " if clings or parts else ""


def make_lean_style(source: str) -> str:
    """A style sheet without comments and the blanks around its marks, with short names for the properties that only it
    knows. Blanks before a colon and around `+` mean something.
    """
    lean = AFTER_COLON.sub(r"\1:", AROUND_MARKS.sub(r"\1", COMMENT.sub("", source)))
    return _shorten_properties(lean.replace(";}", "}").strip())


def _shorten_properties(style: str) -> str:
    own = [name for name in dict.fromkeys(CUSTOM.findall(style)) if name not in OF_A_LOOK]
    short = dict(zip(own, (f"--{letter}" for letter in ascii_lowercase), strict=False))
    return CUSTOM.sub(lambda found: short.get(found.group(), found.group()), style)


def join_modules(name: str, *, read: Callable[[str], str]) -> str:
    """One lean module in place of `name` and all it imports: one request, and one window for the compression."""
    return make_short(gather_modules(name, read=read))


def gather_modules(name: str, *, read: Callable[[str], str]) -> str:
    """What people wrote in `name` and all it imports, each after those that it needs, as one script.

    Their top-level names must differ; a browser refuses the whole otherwise.
    """
    joined: dict[str, str] = {}

    def visit(each: str) -> None:
        if each in joined:
            return
        source = COMMENT.sub("", read(each))
        for needed in IMPORT.findall(source):
            visit(str(PurePosixPath(each).with_name(needed)))
        joined[each] = EXPORT.sub("", IMPORT.sub("", source))

    visit(name)
    return "".join(joined.values())
