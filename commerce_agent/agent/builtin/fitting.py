"""Goods that go with an item: "what ink fits it?", "toner for it?", "a lens for the R50"."""

import re

from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.builtin.topics import count_goods
from commerce_agent.agent.understanding.choosing import seeks_for_it
from commerce_agent.agent.understanding.english.cues import FITS
from commerce_agent.agent.understanding.looking_up import CODE

_SHORT_CODE = re.compile(r"(?<![\w/.-])[A-Z]{1,3}\d{1,2}(?![\w/.-])")
"""A model number of few letters: "R50"."""


async def find_fitting(scene: Scene, *, query: str) -> str:
    """As in "what ink fits it?", "toner for it?": the model number of what is meant, where goods of the kind sought
    name it.
    """
    refs, state = scene.understanding.resolved, scene.desk.trail.state
    seeks = seeks_for_it(scene.understanding.said, ())
    refs = refs or (scene.desk.trail.focus_before if seeks else ())
    entity = state.entities.find(refs[0]) if len(refs) == 1 else None
    if entity is None or not (seeks or FITS.search(scene.understanding.said) or _names_what_for(scene)):
        return ""
    stated = {term.id for term in scene.understanding.reading.stated}
    kinds = tuple(
        t for t in state.constraints.active if t.field == "category" and (t.id in stated or not query)
    )
    if not kinds and not query:
        return ""
    for code in CODE.findall(entity.name) + _SHORT_CODE.findall(entity.name):
        wanted = f"{query} {code}".strip()
        if await count_goods(scene, wanted, kinds=kinds):
            return wanted
    return ""


def _names_what_for(scene: Scene) -> bool:
    """As in "a lens for the R50": the item that is meant is what the goods are for."""
    return re.search(r"\bfor (?:the|my|an?|your|this|that)\b", scene.understanding.said) is not None
