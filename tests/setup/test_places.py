"""Secrets that are made once a folder, whoever comes first."""

import base64
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from commerce_agent.settings.required import read_keys, require_keys
from commerce_agent.setup.places import PRIVATE_FILE, Places


def test_a_folder_has_one_key_encryption_key_for_ever(tmp_path: Path) -> None:
    places = Places(folder=tmp_path)

    with ThreadPoolExecutor(max_workers=8) as threads:
        made = {one.result() for one in [threads.submit(places.get_key_encryption_keys) for _ in range(32)]}

    assert made == {Places(folder=tmp_path).get_key_encryption_keys()}
    keys = require_keys(read_keys(made.pop()))
    assert list(keys) == [1]
    assert [path.name for path in tmp_path.iterdir()] == ["key_encryption_keys"]
    assert (tmp_path / "key_encryption_keys").stat().st_mode & 0o777 == PRIVATE_FILE


def test_versions_are_read_in_any_order() -> None:
    first, second = (base64.b64encode(bytes([number] * 32)).decode() for number in (1, 2))

    assert read_keys(f" 2:{second}, 1:{first},") == {1: bytes([1] * 32), 2: bytes([2] * 32)}
    assert read_keys("") == {}
