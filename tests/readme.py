"""Run the commands that README.md shows, so that it stays true. A script on the standard library: python3
tests/readme.py

A fenced `console` block after `<!-- run -->` is run line by line, each line that starts with `$ `.
`manage.py up` is started in the background; when its /readyz answers, the rest of the block runs beside it,
and then it is stopped.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

BLOCK = re.compile(r"<!-- run -->\s*```console\n(.*?)```", re.DOTALL)
ADDRESS = re.compile(r"http://localhost:\d+")
UP = "manage.py up"
UP_SECONDS = 600
"""A first start on a slow line installs everything."""
STOP_SECONDS = 60


class CommandFailed(Exception):
    """A command of the README did not do what it is shown for."""


def list_blocks(text: str) -> Iterator[list[str]]:
    """Yield the commands of each block that is marked for running."""
    for block in BLOCK.findall(text):
        yield [line[2:].strip() for line in block.splitlines() if line.startswith("$ ")]


def run_block(commands: list[str], *, environ: dict[str, str]) -> None:
    """Run the commands of one block; raise CommandFailed at the first that fails."""
    background: list[subprocess.Popen[str]] = []
    try:
        for command in commands:
            say(f"README: $ {command}")
            if UP in command:
                background.append(start_up(command, environ=environ))
            elif subprocess.run(command, shell=True, env=environ, check=False).returncode:  # noqa: S602
                raise CommandFailed(command)
    finally:
        codes = [stop(process) for process in background]
    if any(codes):
        raise CommandFailed(f"`up` ended with code {codes} when it was asked to stop")


def start_up(command: str, *, environ: dict[str, str]) -> subprocess.Popen[str]:
    """Start `up` and return when its /readyz answers 200."""
    process = subprocess.Popen(command.split(), stdout=subprocess.PIPE, text=True, env=environ)
    alarm = threading.Timer(UP_SECONDS, process.kill)
    alarm.start()
    address = ""
    for line in process.stdout or ():
        say(line.rstrip())
        found = ADDRESS.search(line)
        address = address or (found.group() if found else "")
        if line.startswith("Logs:"):
            break
    alarm.cancel()
    if not address:
        raise CommandFailed(f"{command} printed no address")
    with urllib.request.urlopen(f"{address}/readyz", timeout=30) as answer:
        say(f"README: {address}/readyz answers {answer.status}")
    # Nobody reads on, and `up` must not wait for a reader.
    threading.Thread(target=(process.stdout or sys.stdin).read, daemon=True).start()
    return process


def stop(process: subprocess.Popen[str]) -> int:
    """Ask the process to stop, wait for it, and return its exit code."""
    process.send_signal(signal.SIGTERM)
    return process.wait(STOP_SECONDS)


def say(text: str) -> None:
    """Print a line at once, in order with what the commands print."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(path: Path) -> int:
    """Run every marked block of the file, on a data folder that is thrown away; return the exit code."""
    blocks = list(list_blocks(path.read_text()))
    with tempfile.TemporaryDirectory(prefix="readme-") as folder:
        environ = {**os.environ, "COMMERCE_AGENT_DATA": folder}
        for commands in blocks:
            try:
                run_block(commands, environ=environ)
            except (CommandFailed, OSError) as error:
                say(f"README does not hold: {error}")
                return 1
    say(f"README: {sum(len(commands) for commands in blocks)} commands hold")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
