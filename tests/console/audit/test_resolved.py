"""Conversations that were resolved are asked for by a box of the form, as the first page's number asks for them."""

import re

from django.test import Client
from django.urls import reverse

from commerce_agent.console.audit.indexing import index_conversations
from tests.flows.recordings import Scene, hold, make_lamp_shop

BOX = re.compile(r'<input type="checkbox" name="resolved" value="yes"( checked)?>')


async def ask(scene: Scene) -> None:
    await scene.say("show me desk lamps")


async def ask_in_vain(scene: Scene) -> None:
    await scene.say("do you sell zeppelins?")


def test_a_box_asks_for_those_that_were_resolved(support: Client) -> None:
    shop, address = make_lamp_shop(), reverse("admin:audit_find")
    resolved, vain = (hold(shop, said).conversation for said in (ask, ask_in_vain))
    while index_conversations():
        pass

    every = support.get(address, {"shop": shop})
    ticked = support.get(address, {"shop": shop, "resolved": "yes"})

    assert BOX.findall(every.content.decode()) == [""]
    assert BOX.findall(ticked.content.decode()) == [" checked"]
    assert {line.id for line in every.context["lines"]} == {resolved, vain}
    assert [line.id for line in ticked.context["lines"]] == [resolved]
