"""Scripts and styles lose what only people need, and say the same."""

from collections.abc import Iterator

import pytest

from commerce_agent.settings.lean import (
    COMMENT,
    gather_modules,
    join_modules,
    make_lean,
    make_lean_style,
    make_short,
)
from commerce_agent.settings.shortening import ScriptUnfinished, Token, read_tokens
from commerce_agent.settings.storage import ENTRY
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
            "const d=()=>{let a=2,e;return a},c=[4];let b;",
        ),
        (
            "if (a) {\n  const one = 1;\n}\nconst two = 2;\nfor (const x of two) x();\nconst y = 3;\n",
            "if(a){const c=1}const b=2;for(const x of b)x();const y=3;",
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
    assert join_modules("w/main.js", read=files.__getitem__) == "const a=(c)=>c,b=()=>a();a(b);"


def join_like(given: list[Token], written: list[Token]) -> Iterator[Token]:
    """What was written, with a comma wherever it has another declaration and what is given goes on with the last."""
    rest = iter(written)
    for token in given:
        own = next(rest)
        if (token.text, own.text) == (",", ";"):
            assert next(rest).text in {"const", "let"}
            own = token
        yield own
    yield from rest


@pytest.mark.parametrize("name", [ENTRY, "loader.js"])
def test_what_is_served_is_what_was_written_but_for_names(name: str) -> None:
    """Token for token: no rewriting, no bundler's own code; a name has one short one, and no two have the same. Only a
    mark that a brace follows is left out, for what it ends ends there anyway, and declarations in a row are one.
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
    written = list(join_like(given, written))

    assert [token.kind for token in given] == [token.kind for token in written]
    names = {own.text: short.text for own, short in zip(written, given, strict=True) if own.kind == "word"}
    assert [names.get(own.text, own.text) if own.kind == "word" else own.text for own in written] == [
        token.text for token in given
    ]
    assert len(set(names.values())) == len(names)


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


def test_a_script_without_an_end_is_refused() -> None:
    with pytest.raises(ScriptUnfinished):
        make_short("const said = `never ends;")
