"""Where the project keeps what it makes on this machine."""

import base64
import contextlib
import json
import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

import msgspec

from commerce_agent.decoding import decode_json
from commerce_agent.setup.environment import ROOT

PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600
KEY_BYTES = 32


class Secrets(msgspec.Struct, frozen=True, kw_only=True):
    """What was generated for this data folder, once; readable by its owner only."""

    secret_key: str
    postgres_superuser: str
    postgres: str
    valkey: str


class Places(msgspec.Struct, frozen=True, kw_only=True):
    """The data folder and its parts."""

    folder: Path

    @property
    def postgres(self) -> Path:
        """PostgreSQL's cluster."""
        return self.folder / "postgresql"

    @property
    def valkey(self) -> Path:
        """Valkey's append-only file."""
        return self.folder / "valkey"

    @property
    def logs(self) -> Path:
        """One log for each process."""
        return self.folder / "logs"

    @property
    def run(self) -> Path:
        """Locks, and what is running now."""
        return self.folder / "run"

    def make(self) -> None:
        """Make the folders, private to their owner."""
        for folder in (self.folder, self.valkey, self.logs, self.run):
            folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)

    def make_metrics_folder(self) -> Path:
        """Make the folder where processes count together, empty: the counts of processes that are gone would stay."""
        folder = self.run / "metrics"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=PRIVATE_FOLDER)
        return folder

    def get_secrets(self) -> Secrets:
        """Return this folder's secrets; generate them at the first time."""
        path = self.folder / "secrets.json"
        if not path.exists():
            made = Secrets(
                secret_key=secrets.token_urlsafe(48),
                postgres_superuser=secrets.token_urlsafe(24),
                postgres=secrets.token_urlsafe(24),
                valkey=secrets.token_urlsafe(24),
            )
            write_private(path, text=json.dumps(msgspec.to_builtins(made)))
        return decode_json(path.read_bytes(), Secrets)

    def get_key_encryption_keys(self) -> str:
        """Return what KEY_ENCRYPTION_KEYS is for this folder; generate the first key at the first time.

        Of two commands that start at once, one's key stays: what the other wrote could never be read.
        """
        path = self.folder / "key_encryption_keys"
        if not path.exists():
            made = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
            write_private(made, text=f"1:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}\n")
            with contextlib.suppress(FileExistsError):
                os.link(made, path)
            made.unlink()
        return path.read_text().strip()

    def get_run_time_password(self) -> str:
        """Return what everything that runs logs in to PostgreSQL with; generate it at the first time."""
        path = self.folder / "run_time_password"
        if not path.exists():
            write_private(path, text=f"{secrets.token_hex(KEY_BYTES)}\n")
        return path.read_text().strip()

    def get_merchant_api_key(self) -> str:
        """Return what the merchant API knows its callers by; generate it at the first time."""
        path = self.folder / "merchant_api_key"
        if not path.exists():
            write_private(path, text=f"{secrets.token_urlsafe(KEY_BYTES)}\n")
        return path.read_text().strip()


def get_places(environ: Mapping[str, str]) -> Places:
    """Return the data folder: COMMERCE_AGENT_DATA, otherwise `.data` in the checkout."""
    chosen = environ.get("COMMERCE_AGENT_DATA")
    return Places(folder=Path(chosen).expanduser().resolve() if chosen else ROOT / ".data")


def write_private(path: Path, *, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    temporary = path.with_name(path.name + ".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    temporary.replace(path)
