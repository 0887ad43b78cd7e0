"""The leash: what runs under it ends with its parent, and is really gone before its successor starts."""

import fcntl
import os
import signal
import sys
from pathlib import Path

import pytest

from commerce_agent.setup import leash
from commerce_agent.setup.child import Child, Program
from commerce_agent.setup.places import Places
from tests.waiting import wait_until

POLITE = "import time; print('up', flush=True); time.sleep(600)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {POLITE}"
WITH_GRANDCHILD = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {POLITE!r}])"


@pytest.fixture
def places(tmp_path: Path) -> Places:
    made = Places(folder=tmp_path)
    made.make()
    return made


def start(places: Places, *, code: str, grace: float = 5.0) -> Child:
    program = Program(
        name="probe", command=(sys.executable, "-c", code), environ=dict(os.environ), grace=grace
    )
    return Child(program=program, places=places)


def is_locked(places: Places) -> bool:
    """Whether any process of the program still lives: each of them holds the lock."""
    with (places.run / "probe.lock").open("r+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def wait_for_start(child: Child) -> None:
    wait_until(lambda: "up" in child.read_tail(), what="the program's first line in its log")


@pytest.mark.parametrize("code", [POLITE, STUBBORN, WITH_GRANDCHILD])
def test_letting_go_ends_the_program_and_its_children(places: Places, code: str) -> None:
    child = start(places, code=code, grace=0.5)
    wait_for_start(child)
    assert is_locked(places)

    child.stop()

    wait_until(lambda: not is_locked(places), what="no process of the program left")


def test_killed_leash_takes_the_program_with_it(places: Places) -> None:
    child = start(places, code=STUBBORN)
    wait_for_start(child)

    os.kill(child._process.pid, signal.SIGKILL)

    wait_until(lambda: not is_locked(places), what="no process of the program left")
    assert child.find_exit_code() == -signal.SIGKILL


def test_exit_code_and_last_words_are_kept(places: Places) -> None:
    child = start(places, code="print('one'); print('the last words'); raise SystemExit(7)")

    wait_until(lambda: child.find_exit_code() is not None, what="the end of the program")

    assert child.find_exit_code() == 7
    assert child.read_tail(lines=1) == "the last words"


def test_successor_waits_until_the_program_is_gone(places: Places) -> None:
    first = start(places, code=STUBBORN, grace=1.0)
    wait_for_start(first)
    first_pid = (places.run / "probe.lock").read_text()

    first.let_go()
    second = start(places, code="import os; print('alone', os.getpid(), flush=True)")
    wait_until(lambda: second.find_exit_code() is not None, what="the second program's end")

    assert first.find_exit_code() == 128 + signal.SIGKILL
    assert "alone" in second.read_tail()
    with pytest.raises(ProcessLookupError):
        os.kill(int(first_pid), 0)


def test_log_never_outgrows_its_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leash, "LOG_BYTES", 1000)
    log = leash.BoundedLog(tmp_path / "probe.log")

    for number in range(500):
        log.write(f"line {number}\n".encode())
    log.close()

    assert (tmp_path / "probe.log").stat().st_size <= 1000
    assert (tmp_path / "probe.log.1").stat().st_size <= 1000
    assert sorted(path.name for path in tmp_path.iterdir()) == ["probe.log", "probe.log.1"]
    assert (tmp_path / "probe.log").read_text().endswith("line 499\n")
