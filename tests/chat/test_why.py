"""A reply can be asked why it is what it is; the answer is from its record, and the question leaves nothing behind."""

import uuid

import pytest

from tests.chat.shopper import Frame, Gate, Shopper


async def ask_why(shopper: Shopper, **fields: object) -> str:
    cid = str(uuid.uuid4())
    await shopper.send(t="why", cid=cid, **fields)
    return cid


async def have_answered(shopper: Shopper) -> Frame:
    await shopper.hello()
    await shopper.say("What is your return policy?")
    return await shopper.expect("done")


async def test_a_reply_says_why_and_nothing_is_kept_of_the_question(gate: Gate) -> None:
    async with gate.open() as shopper:
        done = await have_answered(shopper)
        cid = await ask_why(shopper, decision=done["decision"])
        because = await shopper.expect("because")
        await shopper.send(t="ping", seq=done["seq"])
        pong = await shopper.expect("pong")

    assert (because["cid"], because["decision"]) == (cid, done["decision"])
    assert because["text"].startswith(("Nothing was weighed", "That reply weighed nothing"))
    assert pong["head"] == done["seq"]


@pytest.mark.parametrize("decision", ["another's", "x", ""])
async def test_a_decision_of_another_conversation_is_refused(gate: Gate, decision: str) -> None:
    async with gate.open() as first, gate.open() as second:
        theirs = (await have_answered(first))["decision"]
        await have_answered(second)
        cid = await ask_why(second, decision=theirs if decision == "another's" else decision)
        error = await second.expect("error")

    assert (error["code"], error["cid"]) == ("no_such_decision", cid)


@pytest.mark.parametrize(
    ("language", "empty", "foreign", "early"),
    [
        (
            "de",
            "Die Nachricht ist leer.",
            "Diese Antwort gehört nicht zu diesem Gespräch.",
            "Diese Antwort wurde noch nicht gegeben.",
        ),
        (
            "fr",
            "Le message est vide.",
            "Cette réponse ne fait pas partie de cette conversation.",
            "Cette réponse n'a pas encore été donnée.",
        ),
    ],
)
async def test_what_cannot_be_done_is_told_in_the_shoppers_language(
    gate: Gate, language: str, empty: str, foreign: str, early: str
) -> None:
    async with gate.open() as shopper:
        await shopper.hello(lang=language)
        await shopper.send(t="msg", cid=str(uuid.uuid4()), text="  ")
        told = [await shopper.expect("error")]
        await shopper.say("hello")
        await shopper.expect("done")
        await ask_why(shopper, decision="x")
        told.append(await shopper.expect("error"))
        await shopper.send(t="feedback", cid=str(uuid.uuid4()), turn=9, score="good")
        told.append(await shopper.expect("error"))

    assert [(error["code"], error["text"]) for error in told] == [
        ("text_empty", empty),
        ("no_such_decision", foreign),
        ("no_such_reply", early),
    ]


async def test_before_there_is_a_conversation_nothing_can_be_asked(gate: Gate) -> None:
    async with gate.open() as shopper:
        await shopper.hello()
        await ask_why(shopper, decision="x")
        error = await shopper.expect("error")

    assert error["code"] == "not_open"
