"""`evaluate references` replays dialogues through the resolver that serves shoppers."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

LAMPS = [
    {"id": 1, "type": "lamp", "colors": ["black"], "brand": "Lumo", "price": 40.0, "rating": 4.1},
    {"id": 2, "type": "lamp", "colors": ["white"], "brand": "Halden", "price": 60.0, "rating": 4.6},
    {"id": 3, "type": "lamp", "colors": ["white"], "brand": "Lumo", "price": 80.0, "rating": 3.9},
]
SHARED = Path(__file__).parents[2].parent / "shared"


def turn(number: int, say: str, *, ids: tuple[int, ...] = (1, 2, 3)) -> dict[str, object]:
    shown = [{"turn": 0, "ids": list(ids)}]
    return {
        "turn": number,
        "assistant_before": "",
        "shown": shown,
        "objects": LAMPS,
        "say": say,
        "label": "refer",
        "gold": [],
    }


def test_predictions_name_the_objects_that_were_meant(tmp_path: Path) -> None:
    turns = [
        turn(1, "I'll take the black lamp."),
        turn(2, "And the white one?"),
        turn(3, "the cheaper one"),
        turn(4, "Do you have rugs?"),
        turn(5, "Itâ€™s for the office. Add the Halden to my cart."),
    ]
    dialogues = tmp_path / "dialogues.jsonl"
    dialogues.write_text(json.dumps({"dialogue": 7, "turns": turns}) + "\n", encoding="utf-8")
    output = io.StringIO()

    call_command(
        "evaluate", "references", str(dialogues), "--predictions", str(tmp_path / "out.jsonl"), stdout=output
    )

    lines = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [
        {"dialogue": 7, "turn": 1, "outcome": "resolved", "ids": [1]},
        {"dialogue": 7, "turn": 2, "outcome": "ambiguous", "ids": []},
        {"dialogue": 7, "turn": 3, "outcome": "resolved", "ids": [2]},
        {"dialogue": 7, "turn": 4, "outcome": "none", "ids": []},
        {"dialogue": 7, "turn": 5, "outcome": "resolved", "ids": [2]},
    ]
    assert output.getvalue().startswith("5 turns, p50 ")


def test_a_file_of_another_shape_is_refused_with_its_name(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.jsonl"
    wrong.write_text('{"dialogue": 1}\n', encoding="utf-8")
    with pytest.raises(CommandError, match=r"Cannot read the dialogues in .*wrong\.jsonl"):
        call_command("evaluate", "references", str(wrong), "--predictions", str(tmp_path / "out.jsonl"))


@pytest.mark.skipif(
    not (SHARED / "data/references/tune.jsonl").is_file(), reason="The tuning dialogues are not here."
)
def test_the_tuning_dialogues_meet_the_goals(tmp_path: Path) -> None:
    dialogues, predictions = SHARED / "data/references/tune.jsonl", tmp_path / "out.jsonl"
    call_command(
        "evaluate", "references", str(dialogues), "--predictions", str(predictions), stdout=io.StringIO()
    )
    scorer = [sys.executable, str(SHARED / "tools/score_references.py"), str(dialogues), str(predictions)]
    score = json.loads(subprocess.run(scorer, check=True, capture_output=True, text=True).stdout)
    assert score["missing"] == 0
    assert score["joint_exact"] >= 0.86
    assert score["none_fires"] <= 0.03
    assert score["ask_balanced"] >= 0.70
