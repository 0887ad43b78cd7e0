"""The environment: made from the lock, made again when the lock changes, begun again after an
interruption."""

import re
import sys
from pathlib import Path

import pytest

from commerce_agent.setup import environment
from commerce_agent.setup.environment import RUNTIME_LOCK, TESTS_LOCK, SetupError, prepare_environment
from tests.running import ROOT

pytestmark = pytest.mark.timeout(200)


def read_block(package: str) -> str:
    """The lines of the project's lock that pin one package."""
    found = re.search(rf"^{package}==.*\n(?:    .*\n)*", (ROOT / RUNTIME_LOCK).read_text(), re.MULTILINE)
    assert found is not None
    return found.group()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that needs one small package."""
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "VENV", tmp_path / ".venv")
    monkeypatch.delenv(environment.OWN_ENVIRONMENT, raising=False)
    (tmp_path / RUNTIME_LOCK).write_text(read_block("asgiref"))
    return tmp_path


def list_packages(project: Path) -> set[str]:
    found = (project / ".venv" / "lib").glob("python*/site-packages/*.dist-info")
    return {folder.name.split("-")[0] for folder in found} - {"pip", "setuptools"}


def test_environment_holds_what_the_lock_says(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    prepare_environment((RUNTIME_LOCK,))

    assert list_packages(project) == {"asgiref"}
    assert "Installing the locked dependencies (1 packages)" in capfd.readouterr().err

    (project / RUNTIME_LOCK).write_text(read_block("asgiref") + read_block("packaging"))
    prepare_environment((RUNTIME_LOCK,))
    assert list_packages(project) == {"asgiref", "packaging"}
    capfd.readouterr()

    prepare_environment((RUNTIME_LOCK,))
    assert capfd.readouterr().err == ""


def test_interrupted_install_is_begun_again(project: Path) -> None:
    prepare_environment((RUNTIME_LOCK,))
    half = project / ".venv" / "half-installed"
    half.touch()
    # What is left when the process is killed while pip works: packages without the stamp.
    (project / ".venv" / environment.STAMP).unlink()

    prepare_environment((RUNTIME_LOCK,))

    assert not half.exists()
    assert list_packages(project) == {"asgiref"}


def test_a_package_that_cannot_be_had_is_reported_with_pips_words(project: Path) -> None:
    (project / RUNTIME_LOCK).write_text(re.sub(r"sha256:\w{64}", "sha256:" + "0" * 64, read_block("asgiref")))

    with pytest.raises(SetupError) as raised:
        prepare_environment((RUNTIME_LOCK,))

    assert "pip could not install the locked dependencies" in str(raised.value)
    assert "DO NOT MATCH THE HASHES" in str(raised.value)
    assert not environment.is_current((RUNTIME_LOCK,))


def test_musl_without_servers_is_told_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "is_musl", lambda: True)

    with pytest.raises(SetupError, match=r"DATABASE_URL.*REDIS_URL"):
        environment.require_platform({})
    environment.require_platform({"DATABASE_URL": "postgres://x", "REDIS_URL": "redis://x"})


def test_a_python_without_venv_is_told_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment.importlib.util, "find_spec", lambda name: None)

    with pytest.raises(SetupError, match=rf"apt install python3\.{sys.version_info.minor}-venv"):
        environment.require_platform({})


@pytest.mark.parametrize("lock", [RUNTIME_LOCK, TESTS_LOCK])
def test_lock_pins_by_hash_and_names_no_host(lock: str) -> None:
    text = (ROOT / lock).read_text()

    assert "://" not in text
    assert not re.search(r"^\s*(--(?!hash)|-[a-z] )", text, re.MULTILINE)
    blocks = [block for block in re.split(r"^(?=\S)", text, flags=re.MULTILINE) if block.strip()]
    loose = [
        block.split()[0]
        for block in blocks
        if not re.match(r"[\w.-]+(\[[\w,]+\])?==\S+.*\\\n    --hash=sha256:", block)
    ]
    assert loose == []
