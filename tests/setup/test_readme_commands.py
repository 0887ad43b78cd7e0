"""What README's figures are read with is there: every path that its commands name, every command and option."""

import re
import shlex
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

ROOT = Path(__file__).parents[2]
HEADING = "| what | figure | goal | read it with | command |"
SPAN = re.compile(r"`([^`]+)`")


def list_commands() -> list[str]:
    """Each command of the column, once."""
    _, _, table = (ROOT / "README.md").read_text(encoding="utf-8").partition(HEADING)
    rows = [line for line in table.partition("\n\n")[0].splitlines() if line.startswith("|")]
    spans = (span for row in rows for span in SPAN.findall(row.rsplit("|", 2)[1]))
    return list(dict.fromkeys(spans))


COMMANDS = list_commands()


def test_the_column_is_read() -> None:
    assert len(COMMANDS) > 15
    assert {command.split()[0] for command in COMMANDS} == {"manage.py", "pytest", "tests/benchmarks", "…"}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_path_of_a_command_is_there(command: str) -> None:
    named = [part.partition("::")[0] for part in shlex.split(command) if part.startswith("tests/")]

    assert [path for path in named if not (ROOT / path).exists()] == []
    assert named or not command.startswith("pytest")


@pytest.mark.parametrize("command", [each for each in COMMANDS if each.startswith("manage.py ")])
def test_every_command_is_there_with_its_options_and_says_what_it_takes(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _, name, *given = shlex.split(command)
    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)

    with pytest.raises(SystemExit) as left:
        parser.parse_args([*given, "--help"])

    assert left.value.code == 0
    said = capsys.readouterr().out
    assert said.startswith(f"usage: manage.py {name}")
    assert [option for option in given if option.startswith("--") and f"{option} " not in said] == []
