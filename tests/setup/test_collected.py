"""Static files as production, and `up`, serve them: lean, under names that hold their hash, and never stale."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.http import FileResponse, HttpResponse
from django.test import RequestFactory, override_settings

from commerce_agent.settings.static import COLLECTED_STORAGES
from commerce_agent.settings.storage import LEAN, make_served
from commerce_agent.setup.collected import collect_if_changed
from commerce_agent.setup.places import Places
from commerce_agent.static_files import StaticFiles
from tests.running import ROOT
from tests.setup.test_production import SAFE, load_settings


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A copy of what people wrote."""
    return Path(shutil.copytree(ROOT / "static", tmp_path / "written"))


@pytest.fixture
def served(tmp_path: Path, written: Path) -> Iterator[Path]:
    """The folder that is served from, and nothing but the project's own files to collect."""
    with override_settings(
        STATIC_ROOT=tmp_path / "served",
        STATICFILES_DIRS=[written],
        STATICFILES_FINDERS=["django.contrib.staticfiles.finders.FileSystemFinder"],
        STORAGES=COLLECTED_STORAGES,
    ):
        yield tmp_path / "served"


def read_hashed(served: Path) -> dict[str, str]:
    """What pages name, by the name it was written under."""
    names = json.loads((served / "staticfiles.json").read_text())["paths"]
    return {name: (served / names[name]).read_text() for name in LEAN}


def make_from(written: Path) -> dict[str, str]:
    return {name: make_served(name, read=lambda each: (written / each).read_text()) for name in LEAN}


def collect(served: Path) -> dict[str, str]:
    call_command("collectstatic", interactive=False, verbosity=0)
    return read_hashed(served)


def test_what_shoppers_download_is_lean_under_its_hashed_name_and_its_own(
    served: Path, written: Path
) -> None:
    lean = make_from(written)

    assert collect(served) == lean
    assert {name: (served / name).read_text() for name in LEAN} == lean
    assert len(lean["widget/widget.css"]) > 10_000


def test_the_loaders_own_name_is_kept_for_minutes_and_a_hashed_one_for_ever(served: Path) -> None:
    """Shops keep the loader's address for years, so what is mended there has to reach them soon."""
    collect(served)
    hashed = json.loads((served / "staticfiles.json").read_text())["paths"]["widget/main.js"]
    seconds = int(load_settings(SAFE, ask="WHITENOISE_MAX_AGE").stdout)
    with override_settings(WHITENOISE_MAX_AGE=seconds, DEBUG=False):
        files = StaticFiles(lambda _: HttpResponse(status=404))
        loader, script = (files(RequestFactory().get(f"/static/{name}")) for name in ("loader.js", hashed))

    for answer in (loader, script):
        assert isinstance(answer, FileResponse)
        answer.close()
    assert loader["Cache-Control"] == "max-age=300, public"
    assert script["Cache-Control"] == "max-age=315360000, public, immutable"


def test_collecting_again_takes_a_module_that_has_changed_along(served: Path, written: Path) -> None:
    before = collect(served)
    with (written / "widget/words.js").open("a") as module:
        module.write('export const ADDED = "added";\n')

    after = collect(served)

    assert '"added"' not in before["widget/main.js"]
    assert '"added"' in after["widget/main.js"]
    assert after == make_from(written)


def test_they_are_collected_once_and_again_after_a_change(
    served: Path, written: Path, tmp_path: Path
) -> None:
    places = Places(folder=tmp_path)

    assert collect_if_changed(places=places)
    assert not collect_if_changed(places=places)
    (written / "widget/widget.css").write_text("p { margin: 0; }\n")
    (written / "guide/guide.css").unlink()
    assert collect_if_changed(places=places)

    assert read_hashed(served)["widget/widget.css"] == "p{margin:0}"
    assert not (served / "guide/guide.css").exists()
    assert not collect_if_changed(places=places)


def test_what_was_removed_is_collected_again(served: Path, written: Path, tmp_path: Path) -> None:
    places = Places(folder=tmp_path)
    collect_if_changed(places=places)
    shutil.rmtree(served)

    assert collect_if_changed(places=places)
    assert read_hashed(served) == make_from(written)


def test_a_collection_that_broke_off_is_begun_again(served: Path, written: Path, tmp_path: Path) -> None:
    places = Places(folder=tmp_path)
    collect_if_changed(places=places)
    words = (written / "widget/words.js").read_text()
    (written / "widget/words.js").unlink()

    with pytest.raises(LookupError, match=r"words\.js"):
        collect_if_changed(places=places)
    (written / "widget/words.js").write_text(words)

    assert collect_if_changed(places=places)
    assert read_hashed(served) == make_from(written)


def test_where_nothing_is_to_be_collected_nothing_is(tmp_path: Path) -> None:
    with override_settings(STATIC_ROOT=None):
        assert not collect_if_changed(places=Places(folder=tmp_path))

    assert list(tmp_path.iterdir()) == []
