"""A conversation is run again by another version of the code, and what that makes of it is told."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalog.ids import MerchantId
from catalog.merchants import delete_merchant
from commerce_agent.release import ROOT, get_code_version, name_code
from tests.flows.recordings import Held, Scene, hold, make_lamp_shop

PACKAGES = ("commerce_agent", "conversations", "catalog", "templates")
WORDS = ("I need a dimmable lamp under 100 euros", "is the green one in stock?")


@pytest.fixture(scope="module")
def shop(database: str) -> Iterator[MerchantId]:
    merchant = make_lamp_shop()
    yield merchant
    delete_merchant(merchant=merchant)


@pytest.fixture(scope="module")
def held(shop: MerchantId) -> Held:
    async def say(scene: Scene) -> None:
        await scene.say(*WORDS)

    return hold(shop, say)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the project, as another version that is still the same."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("manage.py", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def replay(held: Held, *more: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """The exit code and what the command said."""
    capsys.readouterr()
    code = 0
    try:
        call_command("replay", held.conversation, *more)
    except SystemExit as left:
        code = int(left.code or 0)
    return code, capsys.readouterr().out


def test_the_code_of_another_checkout_runs_it_and_is_named(
    held: Held, checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    phrases = checkout / "commerce_agent" / "agent" / "phrases" / "en.yaml"
    said = phrases.read_text(encoding="utf-8")
    phrases.write_text(said.replace(" is in stock.", " is on the shelf."), encoding="utf-8")
    package = checkout / "commerce_agent" / "__init__.py"
    package.write_text('"""Another version."""\n\n__version__ = "9.9.9"\n', encoding="utf-8")

    code, answered = replay(held, "--json", "--code", str(checkout), capsys=capsys)
    told = json.loads(answered)

    assert (code, told["same"], told["run_by"]) == (1, False, name_code(checkout))
    assert told["run_by"].startswith("9.9.9+")
    assert told["recorded_by"] == [get_code_version()]
    assert [turn["outcome"] for turn in told["turns"]] == ["same", "different"]
    differences = {each["path"]: (each["before"], each["after"]) for each in told["turns"][1]["differences"]}
    assert differences["text"] == (
        '"The Meadow lamp in green is in stock."',
        '"The Meadow lamp in green is on the shelf."',
    )


def test_a_replay_says_which_code_recorded_and_which_ran(
    held: Held, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = replay(held, capsys=capsys)

    assert code == 0
    assert told.startswith(f"Recorded by {get_code_version()}; run again by {get_code_version()}.")


def test_what_runs_nothing_says_so(held: Held, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError, match=r"is no checkout: it has no manage\.py\.") as empty:
        replay(held, "--code", str(tmp_path), capsys=capsys)
    (tmp_path / "manage.py").write_text("import sys; sys.exit('not this time')\n", encoding="utf-8")
    with pytest.raises(CommandError, match="ran nothing again and said: not this time") as broken:
        replay(held, "--code", str(tmp_path), capsys=capsys)

    assert (empty.value.returncode, broken.value.returncode) == (2, 2)
