"""What a shopper told a person holds for the assistant too: it is read before the first message after their stay."""

import msgspec

from commerce_agent.agent.closing import record_understanding
from commerce_agent.agent.shop.conduct import find_conduct
from commerce_agent.agent.understanding.understand import understand
from commerce_agent.agent.understanding.understood import ShopWords
from commerce_agent.tools.trail import Trail


def catch_up(trail: Trail, *, words: ShopWords) -> None:
    """Puts on the trail which terms the shopper stated to the person, and which items they meant.

    What could not be told apart is left: the person understood it, and nobody is asked about it any more.
    """
    transcript = trail.state.transcript
    visit = transcript.visit
    if visit is None or visit.left_after != transcript.turns - 1:
        return
    for line in visit.lines:
        if line.by or find_conduct(line.text):
            continue
        meant = understand(said=line.text, state=trail.state, words=words)
        certain = tuple(each for each in meant.references if each.outcome == "resolved" and each.text)
        record_understanding(trail, msgspec.structs.replace(meant, references=certain))
