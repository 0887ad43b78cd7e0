"""One and many: what ends as many do may be one."""

import pytest

from conversations.language.plurals import is_plural, make_plural, make_single


@pytest.mark.parametrize(
    ("one", "many"), [("atlas", "atlases"), ("lens", "lenses"), ("lamp", "lamps"), ("dress", "dresses")]
)
def test_one_and_many_are_made_of_each_other(one: str, many: str) -> None:
    assert (is_plural(one), is_plural(many)) == (False, True)
    assert (make_plural(one), make_single(many)) == (many, one)
    assert (make_single(one), make_plural(many)) == (one, many)
