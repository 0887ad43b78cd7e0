"""Run one program so that it never outlives whoever started it. A script of its own, standard library only.

Standard input is the leash: when its other end closes, for whatever reason (kill -9 included), the program
is told to stop and, after a grace time, made to. While any process of the program lives, the lock file stays
locked, because each of them inherits it: the next start waits for the lock, and ends what a crash may have
left.
"""

import argparse
import contextlib
import ctypes
import fcntl
import os
import pwd
import selectors
import signal
import subprocess
import sys
import time
from pathlib import Path

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000
LOG_BYTES = 5_000_000
"""A log is set aside as `.1` at this size, and the one before it is dropped: two of these are the most there
is."""
PREVIOUS_SECONDS = 10.0
"""How long a process of an earlier run may take to end by itself before it is killed."""
LOCK_PAUSE_SECONDS = 0.05


class BoundedLog:
    """A log file that never grows past twice LOG_BYTES."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("ab", buffering=0)

    def write(self, chunk: bytes) -> None:
        """Append; set the file aside first where it is full."""
        if self._file.tell() + len(chunk) > LOG_BYTES:
            self._file.close()
            self._path.replace(self._path.with_suffix(self._path.suffix + ".1"))
            self._file = self._path.open("ab", buffering=0)
        self._file.write(chunk)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def take_lock(path: Path) -> int:
    """Return the locked descriptor; whatever an earlier run left behind is ended first."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + PREVIOUS_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                _kill_previous(lock)
            time.sleep(LOCK_PAUSE_SECONDS)
        else:
            return lock


def _kill_previous(lock: int) -> None:
    """Kill the group whose leader wrote the lock: the lock is held, so the number still means that
    process.
    """
    text = os.pread(lock, 32, 0).decode(errors="replace").strip()
    if text.isdigit():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(int(text), signal.SIGKILL)


def tie_to_parent(*, leave_root: str, death_signal: int, folder: Path) -> None:
    """Run in the child before the program: give up root where asked, and die with the leash (Linux)."""
    if leave_root and os.geteuid() == 0 and not _enter_user_namespace():
        _become(leave_root, folder=folder)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)


def _enter_user_namespace() -> bool:
    """Become nobody to the program while the files stay root's; False where the kernel refuses."""
    if sys.platform != "linux":
        return False
    unshare = getattr(ctypes.CDLL(None, use_errno=True), "unshare", None)
    return unshare is not None and unshare(CLONE_NEWUSER) == 0


def _become(login: str, *, folder: Path) -> None:
    account = pwd.getpwnam(login)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)
    os.setgroups([])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)


def watch(*, program: subprocess.Popen[bytes], log: BoundedLog, stop_signal: int, grace: float) -> int:
    """Copy the program's output to the log until it ends; end it when standard input closes. Return its exit
    code.
    """
    output = program.stdout
    assert output is not None  # noqa: S101
    selector = selectors.DefaultSelector()
    selector.register(sys.stdin, selectors.EVENT_READ)
    selector.register(output, selectors.EVENT_READ)
    kill_at: float | None = None
    while program.poll() is None:
        for key, _ in selector.select(timeout=0.1):
            if key.fileobj is output:
                chunk = os.read(output.fileno(), 65536)
                if not chunk:
                    selector.unregister(output)
                log.write(chunk)
            elif not os.read(sys.stdin.fileno(), 4096):
                selector.unregister(sys.stdin)
                program.send_signal(stop_signal)
                kill_at = time.monotonic() + grace
        if kill_at is not None and time.monotonic() > kill_at:
            os.killpg(program.pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(program.pid, signal.SIGKILL)
    _copy_rest(output.fileno(), log=log)
    # A program that a signal ended is told as shells tell it.
    return program.returncode if program.returncode >= 0 else 128 - program.returncode


def _copy_rest(descriptor: int, *, log: BoundedLog) -> None:
    os.set_blocking(descriptor, False)
    with contextlib.suppress(BlockingIOError):
        while chunk := os.read(descriptor, 65536):
            log.write(chunk)


def main() -> int:
    """Run the program named after `--` under the leash and return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lock", type=Path, required=True)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--stop-signal", default="SIGTERM")
    parser.add_argument("--death-signal", default="SIGKILL")
    parser.add_argument("--grace", type=float, default=8.0)
    parser.add_argument("--leave-root", default="", help="the account to become where root has to be left")
    parser.add_argument("--folder", type=Path, default=Path(), help="what that account has to own")
    parser.add_argument("program", nargs="+")
    options = parser.parse_args()
    # The terminal's Ctrl-C and a stray SIGTERM reach the supervisor; it decides the order in which things
    # stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    lock = take_lock(options.lock)
    death_signal = signal.Signals[options.death_signal]

    def before_exec() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        tie_to_parent(leave_root=options.leave_root, death_signal=death_signal, folder=options.folder)

    program = subprocess.Popen(
        options.program,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        pass_fds=(lock,),
        preexec_fn=before_exec,
    )
    os.ftruncate(lock, 0)
    os.pwrite(lock, str(program.pid).encode(), 0)
    stop_signal = signal.Signals[options.stop_signal]
    return watch(program=program, log=BoundedLog(options.log), stop_signal=stop_signal, grace=options.grace)


if __name__ == "__main__":
    sys.exit(main())
