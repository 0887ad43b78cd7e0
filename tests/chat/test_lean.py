"""Scripts and styles lose what only people need, and say the same."""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

import pytest

from commerce_agent.chat.looks import Look, write_style
from commerce_agent.settings.lean import (
    COMMENT,
    gather_modules,
    join_modules,
    make_lean,
    make_lean_style,
    make_short,
)
from commerce_agent.settings.shortening import number_parts
from commerce_agent.settings.storage import ENTRY
from commerce_agent.settings.tokens import ScriptUnfinished, Token, read_tokens
from tests.running import ROOT


def read_static(name: str) -> str:
    return (ROOT / "static" / name).read_text()


def test_words_for_people_are_left_as_they_are() -> None:
    source = """/* A note. */
const told = (name) => {
  return `Dear  ${name},
  { not code }` + "a  b /* no note */";
};
"""
    assert make_lean(source) == (
        'const told=(name)=>{return`Dear  ${name},\n  { not code }`+"a  b /* no note */"};'
    )


@pytest.mark.parametrize(
    ("source", "lean"),
    [
        ("a = b + +c;", "a=b+ +c;"),
        ("if (a)\n  return\nb();", "if(a)\nreturn\nb();"),
        ("const found = /[/ ]x  y/.test(text);", "const found=/[/ ]x  y/.test(text);"),
        ("a = b / c / d;", "a=b/c/d;"),
        ("typeof x in y", "typeof x in y"),
        ("const f = () =>\n  a ||\n  b;", "const f=()=>a||b;"),
    ],
)
def test_blanks_stay_where_they_mean_something(source: str, lean: str) -> None:
    assert make_lean(source) == lean


def test_only_what_nobody_else_asks_for_gets_a_short_name() -> None:
    source = """class Line {
  #socket = null;
  open(address, { patience = 5 }) {
    const attempt = `${address}/ws`;
    this.#socket = new WebSocket(attempt);
    return { patience, tries: attempt.length };
  }
}
const parent = (location, address) => location.address + address;
"""
    assert make_short(source) == (
        "class b{#a=null;open(address,{patience=5}){const a=`${address}/ws`;this.#a=new WebSocket(a);"
        "return{patience,tries:a.length}}}const parent=(location,address)=>location.address+address;"
    )


@pytest.mark.parametrize(
    ("source", "short"),
    [
        (
            "const one = () => {\n  let two = 2;\n  let three;\n  return two;\n};\nconst four = [4];\nlet five;\n",
            "const e=()=>{let a=2,b;return a},d=[4];let c;",
        ),
        (
            "if (a) {\n  const one = 1;\n}\nconst two = 2;\nfor (const x of two) x();\nconst y = 3;\n",
            "if(a){const b=1}const c=2;for(const b of c)b();const d=3;",
        ),
        ("const one = `${a};`;\na = 1;\nconst two = 2;\n", "const b=`${a};`;a=1;const c=2;"),
    ],
    ids=["in a row", "in blocks", "apart"],
)
def test_declarations_in_a_row_are_one(source: str, short: str) -> None:
    assert make_short(source) == short


def test_modules_become_one_each_after_those_it_needs() -> None:
    files = {
        "w/main.js": 'import { say } from "./words.js";\nimport { line } from "./line.js";\nsay(line);\n',
        "w/line.js": 'import { say } from "./words.js";\nexport const line = () => say();\n',
        "w/words.js": "export const say = (what) => what;\n",
    }
    assert join_modules("w/main.js", read=files.__getitem__) == "const b=(a)=>a,c=()=>b();b(c);"


def join_like(given: list[Token], written: list[Token]) -> Iterator[tuple[int, Token]]:
    """What was written, each with its part, with a comma wherever it has another declaration and what is given goes on
    with the last.
    """
    rest = zip(number_parts(written), written, strict=True)
    for token in given:
        part, own = next(rest)
        if (token.text, own.text) == (",", ";"):
            assert next(rest)[1].text in {"const", "let"}
            own = token
        yield part, own
    yield from rest


@pytest.mark.parametrize("name", [ENTRY, "loader.js"])
def test_what_is_served_is_what_was_written_but_for_names(name: str) -> None:
    """Token for token: no rewriting, no bundler's own code. Only a mark that a brace follows is left out, for what it
    ends ends there anyway, and declarations in a row are one. In every statement, and in every member of a class, a
    name has one short one and no two have the same; one that others know too has the same there.
    """
    source = gather_modules(ENTRY, read=read_static) if name == ENTRY else read_static(name)
    served = join_modules(ENTRY, read=read_static) if name == ENTRY else make_short(source)
    solid = [token for token in read_tokens(COMMENT.sub("", source)) if token.kind != "blank"]
    written = [
        token
        for token, after in zip(solid, [*solid[1:], None], strict=True)
        if not (token.text in {";", ","} and after and after.text == "}")
    ]
    given = [token for token in read_tokens(served) if token.kind != "blank"]
    outermost = list_outermost(written)
    joined = list(join_like(given, written))
    parts, written = [part for part, _ in joined], [own for _, own in joined]

    assert [token.kind for token in given] == [token.kind for token in written]
    assert max(parts) > (100 if name == ENTRY else -1)
    names: dict[int, dict[str, str]] = {}
    for part, own, short in zip(parts, written, given, strict=True):
        if own.kind == "word":
            assert names.setdefault(part, {}).setdefault(own.text, short.text) == short.text
        else:
            assert own.text == short.text
    assert all(len(set(each.values())) == len(each) for each in names.values())
    known = {text: {each[text] for each in names.values() if text in each} for text in outermost}
    assert [text for text, short in known.items() if len(short) > 1] == []
    told = {short for each in known.values() for short in each}
    for part, each in names.items():
        # Whatever a part does not declare itself is the script's or the browser's, and nothing of its own hides it.
        declared = list_declared(written, parts=parts, part=part)
        assert {own for own, short in each.items() if own != short} <= declared | known.keys() | list_private(
            each
        )
        assert not {short for own, short in each.items() if own not in known} & told


def list_private(names: Iterable[str]) -> set[str]:
    return {name for name in names if name.startswith("#")}


def list_outermost(tokens: list[Token]) -> set[str]:
    """What stands behind `const`, `let` or `class` outside of all brackets, or in those that it takes apart."""
    found: set[str] = set()
    depth, opened = 0, False
    for before, token in pairwise(tokens):
        if token.text in "([{" and token.kind == "mark":
            opened = opened if depth else before.text in {"const", "let"}
            depth += 1
        elif token.text in ")]}" and token.kind == "mark":
            depth -= 1
        elif token.kind == "word" and (before.text in {"const", "let", "class"} if not depth else opened):
            found.add(token.text)
    return found


def list_declared(tokens: list[Token], *, parts: list[int], part: int) -> set[str]:
    """What may be declared in a part: whatever stands behind `const` or `let`, or within brackets."""
    first = parts.index(part)
    mine = tokens[max(first - 1, 0) : first + parts.count(part)]
    return {
        token.text
        for before, token in pairwise(mine)
        if token.kind == "word" and before.text in {"const", "let", "class", "(", "[", ",", "..."}
    }


def test_no_tool_of_others_builds_anything() -> None:
    """What runs is what is in the repository, which asks for no bundler, compiler or package of JavaScript's."""
    of_tools = {"package.json", "package-lock.json", "yarn.lock", "tsconfig.json", "node_modules"}
    folders = [
        ROOT,
        *(ROOT / name for name in ("static", "templates", "commerce_agent", "catalog", "conversations")),
    ]

    assert [path for folder in folders for path in folder.glob("*") if path.name in of_tools] == []
    assert [
        path
        for path in (ROOT / "static").rglob("*")
        if path.name in of_tools or path.suffix in {".ts", ".map"}
    ] == []
    # Written by hand: a generated file has lines that nobody reads.
    written = (ROOT / "static").rglob("*.js")
    assert max(len(line) for path in written for line in path.read_text().splitlines()) <= 200


def test_a_style_keeps_what_blanks_say() -> None:
    source = (
        "/* A note. */\n.a .b > .c {\n  margin: 0 calc(1px + 2px);\n  color: red;\n}\n.d :focus { top: 0; }\n"
    )
    assert make_lean_style(source) == ".a .b>.c{margin:0 calc(1px + 2px);color:red}.d :focus{top:0}"


def test_only_what_no_look_sets_gets_a_short_name_in_a_style() -> None:
    look = Look(accent="#ff6600", corners="soft", typeface="serif")
    set_by_looks = set(re.findall(r"--[\w-]+(?=:)", write_style(look)))
    served = make_lean_style(read_static("widget/widget.css"))

    assert make_lean_style(
        ":root { --paper: red; --link: blue; }\np { color: var(--paper, var(--link)); }\n"
    ) == (":root{--a:red;--link:blue}p{color:var(--a,var(--link))}")
    assert set_by_looks == {"--round", "--pill", "--sans", "--accent", "--on-accent", "--link"}
    assert set_by_looks <= set(re.findall(r"--[\w-]+(?=:)", served))


def test_a_script_without_an_end_is_refused() -> None:
    with pytest.raises(ScriptUnfinished):
        make_short("const said = `never ends;")
