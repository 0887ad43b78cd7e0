"""A command that cannot do its work says so in words."""

import psycopg
import pytest
from psycopg_pool import PoolTimeout
from redis.exceptions import ConnectionError as RedisConnectionError

from commerce_agent.setup import inside


@pytest.mark.parametrize(
    "missing",
    [PoolTimeout("no connection"), psycopg.OperationalError("refused"), RedisConnectionError("refused")],
)
def test_a_server_that_is_not_there_is_told_with_its_remedy(
    missing: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*, command: str, rest: list[str]) -> int:
        raise missing

    monkeypatch.setattr(inside, "_run_django", run)

    assert inside.main(["purge"]) == 1
    assert capsys.readouterr().err == (
        f"\npurge did not work: {missing}\n"
        "See that the servers of DATABASE_URL and REDIS_URL run, and run it again.\n"
    )
