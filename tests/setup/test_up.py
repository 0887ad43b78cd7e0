"""`up` in a fresh clone: it answers, it stops, it comes back, and nothing is left of it."""

import gzip
import os
import re
import signal
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running import find_free_port, find_status
from tests.setup.clones import Clone, RunningUp, make_clone, running_up
from tests.waiting import wait_until

pytestmark = [pytest.mark.fresh_clone, pytest.mark.timeout(600)]

COUNT_OPERATORS = "from commerce_agent.models import Operator; print('operators', Operator.objects.count())"
HOLD_UNTIL = """
import pathlib, threading
from django.conf import settings
print("port", settings.DATABASES["default"]["PORT"], flush=True)
while not pathlib.Path("{path}").exists():
    threading.Event().wait(0.05)
"""


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    return make_clone(tmp_path_factory.mktemp("clone") / "shop")


@pytest.fixture
def port() -> str:
    return str(find_free_port())


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield int(listener.getsockname()[1])


def get_first(pattern: str, text: str) -> str:
    """The first group of the pattern, which has to be there."""
    found = re.search(pattern, text)
    assert found is not None, text
    return found.group(1)


def fetch_packed(up: RunningUp, path: str) -> bytes:
    """What goes over the line for it."""
    asked = urllib.request.Request(f"{up.address}{path}", headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        return bytes(answer.read())


def fetch_widget(up: RunningUp, *, language: str) -> dict[str, bytes]:
    """All that a shopper of the demo shop downloads for the chat, packed, by where it is."""
    page = f"/w/demo/?lang={language}"
    packed = fetch_packed(up, page)
    named = re.findall(r'"(/static/[^"]+)"', gzip.decompress(packed).decode())
    return {page: packed} | {path: fetch_packed(up, path) for path in (*named, "/static/loader.js")}


def test_fresh_clone_answers_and_stops_without_a_trace(clone: Clone, port: str, tmp_path: Path) -> None:
    with running_up(clone, "--port", port, log=tmp_path / "first.log") as up:
        assert up.address == f"http://localhost:{port}"
        assert up.read_readiness() == (200, True)
        assert re.search(r"user admin, password \S{16}  \(shown once", up.page)
        assert "the built-in one: no key, no network" in up.page
        for language in ("de", "en", "es", "fr"):
            widget = fetch_widget(up, language=language)
            assert len(widget) == 4
            assert sum(map(len, widget.values())) <= 22 * 1024
        secrets = clone.folder / ".data" / "secrets.json"
        assert secrets.stat().st_mode & 0o077 == 0
        password = get_first(r"password (\S{16})  ", up.page)

        assert up.stop(signal.SIGTERM) == 0

    assert clone.list_processes() == {}
    assert password not in secrets.read_text()


def test_second_start_installs_nothing_and_keeps_the_data(clone: Clone, port: str, tmp_path: Path) -> None:
    made = "from commerce_agent.models import Operator; Operator.objects.create_user('kept')"
    assert clone.run("shell", "-c", made).returncode == 0
    before = clone.run("shell", "-c", COUNT_OPERATORS)
    with (clone.folder / "static/widget/words.js").open("a") as module:
        module.write('export const ADDED = "added";\n')

    with running_up(clone, "--port", port, log=tmp_path / "second.log") as up:
        assert up.read_readiness() == (200, True)
        assert "password as shown at the first start" in up.page
        while_running = clone.run("shell", "-c", COUNT_OPERATORS)
        scripts = {path: text for path, text in fetch_widget(up, language="en").items() if "/main." in path}
        assert [b'"added"' in gzip.decompress(text) for text in scripts.values()] == [True]
        assert up.stop(signal.SIGINT) == 0

    assert "operators 2" in before.stdout
    assert while_running.stdout == before.stdout
    assert "Installing" not in (tmp_path / "second.log").read_text()
    assert clone.list_processes() == {}


@pytest.fixture(scope="module")
def up(clone: Clone, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningUp]:
    """One that runs while the next three tests do to it what they do; the last of them kills it."""
    log = tmp_path_factory.mktemp("up") / "up.log"
    with running_up(clone, "--port", str(find_free_port()), log=log) as running:
        yield running


def test_a_second_up_says_where_the_first_one_is(clone: Clone, up: RunningUp) -> None:
    second = clone.run("up")

    assert up.read_readiness() == (200, True)
    assert second.returncode == 1
    assert f"Commerce Agent already runs at {up.address} (process {up.process.pid})." in second.stderr
    assert "COMMERCE_AGENT_DATA=" in second.stderr


def test_killed_servers_and_web_come_back(clone: Clone, up: RunningUp) -> None:
    programs = {pid: command for pid, command in clone.list_processes().items() if "leash.py" not in command}
    victims = [pid for pid, command in programs.items() if re.search(r"uvicorn|valkey-server", command)]
    assert len(victims) == 3
    for pid in victims:
        os.kill(pid, signal.SIGKILL)

    wait_until(
        lambda: find_status(f"{up.address}/readyz") == 200 and not set(victims) & set(clone.list_processes()),
        seconds=120,
        what="web and Valkey back",
    )

    told = up.log.read_text()
    assert "web ended with code 137; it starts again in 0.5 s." in told
    assert "valkey ended with code 137; it starts again in 0.5 s." in told


def test_killed_supervisor_leaves_nothing(clone: Clone, up: RunningUp) -> None:
    assert len(clone.list_processes()) >= 11

    up.process.kill()
    up.process.wait(60)

    wait_until(lambda: not clone.list_processes(), what="no process left of a killed `up`")


def test_a_taken_port_that_was_asked_for_is_reported_with_its_remedy(clone: Clone, taken: int) -> None:
    refused = clone.run("up", "--port", str(taken))

    assert refused.returncode == 1
    assert f"Port {taken} is taken by another program." in refused.stderr
    assert "--port" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert clone.list_processes() == {}


def test_after_a_kill_it_starts_again_and_a_taken_default_port_gives_way_to_the_next(
    clone: Clone, taken: int, tmp_path: Path
) -> None:
    with running_up(clone, log=tmp_path / "up.log", PORT=str(taken)) as up:
        assert up.read_readiness() == (200, True)
        assert f"Port {taken} is taken by another program; this is the next free one." in up.page
        assert taken < int(up.address.rsplit(":", 1)[1]) <= taken + 50


def test_two_commands_at_once_share_the_servers(clone: Clone, tmp_path: Path) -> None:
    go = tmp_path / "go"
    hold = HOLD_UNTIL.format(path=str(go))
    first = clone.start("shell", "-c", hold, log=tmp_path / "first.log")
    wait_until(
        lambda: "port " in (tmp_path / "first.log").read_text(), seconds=60, what="the owner of the servers"
    )
    second = clone.start("shell", "-c", f"{hold}\n{COUNT_OPERATORS}", log=tmp_path / "second.log")
    wait_until(
        lambda: "port " in (tmp_path / "second.log").read_text(), seconds=60, what="the user of the servers"
    )

    go.touch()

    assert (first.wait(150), second.wait(150)) == (0, 0)
    ports = {get_first(r"port (\d+)", (tmp_path / name).read_text()) for name in ("first.log", "second.log")}
    assert len(ports) == 1
    assert "operators" in (tmp_path / "second.log").read_text()
    assert clone.list_processes() == {}


def test_a_server_that_does_not_answer_is_named_without_a_traceback(clone: Clone) -> None:
    refused = clone.run(
        "up", DATABASE_URL="postgres://nobody@127.0.0.1:1/none", REDIS_URL="redis://127.0.0.1:1/0"
    )

    assert refused.returncode == 1
    assert "PostgreSQL does not answer" in refused.stderr
    assert "DATABASE_URL" in refused.stderr
    assert "Traceback" not in refused.stderr
