"""Scripts run as the command runs them: real stores, real pipeline, a merchant of their own."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command

from catalog.models import Merchant
from conversations.models import Conversation

Steps = list[dict[str, Any]]
Converse = Callable[..., Steps]

SCRIPTS = Path(__file__).parent.parent / "scripts"
SHARED = Path(__file__).parents[3] / "shared"


@pytest.fixture
def converse(database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Converse:
    """Run a script (a path, or its turns) and return one object a step; it must leave nothing behind."""

    def run(script: Path | list[dict[str, Any]], *, planner: str = "builtin", **more: Any) -> Steps:
        if not isinstance(script, Path):
            path = tmp_path / "script.yaml"
            path.write_text(yaml.safe_dump({"turns": script, **more}, allow_unicode=True))
            script = path
        before = (Merchant.objects.count(), Conversation.objects.count())
        capsys.readouterr()
        call_command("converse", str(script), "--json", "--planner", planner)
        steps = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert (Merchant.objects.count(), Conversation.objects.count()) == before
        return steps

    return run


def say(*texts: str) -> list[dict[str, Any]]:
    """Turns that only talk."""
    return [{"say": text} for text in texts]
