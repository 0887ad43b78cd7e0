"""The schema against the running server: schemathesis makes requests from it and checks every answer."""

import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from catalog.models import Merchant
from tests.api.conftest import make_key

SECONDS = 30
"""For making up requests and chains of them; the phase that covers every parameter takes about ten more."""

CONFIG = """
request-timeout = 20.0

[[operations]]
include-operation-id = "list_events"
parameters = { "query.wait" = 0.05 }

# An idempotency key that made-up requests happen to share, with another body, is rightly refused.
[[operations]]
include-operation-id = "open_conversation"
checks.positive_data_acceptance.expected-statuses = ["2xx", "404", "422"]
"""

RESULTS = {200, 201, 202}


def test_the_schema_names_every_operation_and_its_failures(running_shop: str) -> None:
    accepted = {"Accept": "application/vnd.oai.openapi+json"}
    document = httpx2.get(f"{running_shop}/api/schema/", headers=accepted, trust_env=False).json()

    operations = {one["operationId"]: one for path in document["paths"].values() for one in path.values()}
    assert sorted(operations) == [
        "append_message",
        "correct_item",
        "erase_shopper",
        "export_conversation",
        "export_shopper",
        "forget_items",
        "get_conversation",
        "get_graph",
        "get_grounds",
        "get_memory",
        "get_state",
        "hand_over",
        "list_conversations",
        "list_decisions",
        "list_entities",
        "list_events",
        "list_facts",
        "list_mentions",
        "list_told",
        "open_conversation",
        "set_consent",
    ]
    assert document["components"]["securitySchemes"]["apiKey"]["scheme"] == "bearer"
    tags = {tag["name"] for tag in document["tags"]}
    for one in operations.values():
        failures = {int(status) for status in one["responses"]} - RESULTS
        assert failures >= {400, 401, 404, 429, 500, 503}
        assert set(one["tags"]) <= tags
        assert one["security"] == [{"apiKey": []}]
        for status in failures:
            (kind,) = one["responses"][str(status)]["content"].items()
            assert kind == (
                "application/problem+json",
                {"schema": {"$ref": "#/components/schemas/Problem"}},
            )


@pytest.mark.timeout(200)
def test_schemathesis_finds_nothing(running_shop: str, lamp_shop: Merchant, tmp_path: Path) -> None:
    secret, _ = make_key(lamp_shop, per_minute=1_000_000)
    (tmp_path / "schemathesis.toml").write_text(CONFIG)
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{running_shop}/api/schema/"]
    command += ["--header", f"Authorization: Bearer {secret}", "--checks", "all", "--seed", "7"]
    command += ["--max-time", str(SECONDS), "--max-examples", "30", "--no-color"]

    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=180, check=False)

    assert "21 selected / 21 total" in ran.stdout, ran.stdout[-4_000:] + ran.stderr[-4_000:]
    assert ran.returncode == 0, ran.stdout[-12_000:] + ran.stderr[-4_000:]
