"""Whether one item goes with another, by what the shop says that it fits: "is it compatible with the hive?"."""

from commerce_agent.agent.builtin import items
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.understanding.english.cues import FITS
from commerce_agent.agent.understanding.english.moves import ASKS_WHETHER
from commerce_agent.agent.wording.fitting import list_fitted, tells_fit
from conversations.events.entities import EntitiesFocused
from conversations.ids import EntityRef
from conversations.language.tokens import list_stems

_BOTH = 2


async def tell_fit(scene: Scene, refs: tuple[EntityRef, ...]) -> bool:
    """Answers by the attribute that tells it; False where that is not asked, or the item has no such attribute."""
    said = scene.understanding.said
    if not (refs and len(refs) <= _BOTH and FITS.search(said) and ASKS_WHETHER.search(said)):
        return False
    offer = (await items.look(scene, refs[0])).offer
    told = [value for name, value in offer.item.attributes.items() if tells_fit(name)]
    other = _find_other(scene, refs, told=told)
    if not told or not other:
        return False
    fits = any(_is_named(other, each) for value in told for each in list_fitted(value))
    value = scene.join([scene.value(value) for value in told])
    scene.voice.allow_name(other)
    key = "details.fits.yes" if fits else "details.fits.other"
    await scene.say(key, item=scene.name(offer), other=other, value=value)
    # What it is to fit is spoken of beside it: "it" goes on to mean this.
    scene.desk.trail.record(EntitiesFocused(refs=refs[:1]))
    return True


def _find_other(scene: Scene, refs: tuple[EntityRef, ...], *, told: list[str]) -> str:
    """What it is to fit: the other item that is meant, or what of the attribute's own words was said."""
    entity = scene.desk.trail.state.entities.find(refs[1]) if len(refs) == _BOTH else None
    if entity is not None:
        return entity.name
    said = set(list_stems(scene.understanding.said))
    named = (each for value in told for each in list_fitted(value))
    return next((each for each in named if set(list_stems(each)) <= said), "")


def _is_named(name: str, value: str) -> bool:
    one, other = set(list_stems(name)), set(list_stems(value))
    return one <= other or other <= one
