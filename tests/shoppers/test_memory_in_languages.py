"""What was said, looked at and bought is known in the next visit, in each language that the chat speaks."""

from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async

from commerce_agent.agent.memory.cues import find_cue
from conversations.events import Event
from conversations.events.constraints import ConstraintStated
from conversations.events.entities import ReferenceResolved
from tests.shoppers.conftest import Visitor, buy, list_cart

DAY = timedelta(days=1)
BEFORE = {
    "en": ("I'm looking for hiking boots in size 42", "show me the Ridge two-person tent"),
    "de": ("Ich suche Wanderstiefel in Größe 42", "zeig mir das Ridge two-person tent"),
    "es": ("Busco botas de montaña de talla 42", "enséñame la Ridge two-person tent"),
    "fr": ("Je cherche des bottes de randonnée en taille 42", "montre-moi la Ridge two-person tent"),
}
SIZE = {
    "en": "show me winter boots, same size as last time",
    "de": "zeig mir Winterstiefel, gleiche Größe wie letztes Mal",
    "es": "enséñame botas de invierno, la misma talla que la última vez",
    "fr": "montre-moi des bottes d'hiver, même taille que la dernière fois",
}
TENT = {
    "en": "is the tent I looked at yesterday still in stock?",
    "de": "ist das Zelt, das ich gestern angeschaut habe, noch auf Lager?",
    "es": "¿la tienda que miré ayer sigue en stock?",
    "fr": "la tente que j'ai regardée hier est-elle encore en stock ?",
}
COFFEE = {
    "en": ("reorder my coffee", "buy my coffee again"),
    "de": ("bestell meinen Kaffee nochmal", "meinen Kaffee nachbestellen"),
    "es": ("vuelve a pedir mi café", "pide mi café otra vez"),
    "fr": ("recommande mon café", "commande à nouveau mon café"),
}
FORGET = {
    "en": "forget my size",
    "de": "vergiss meine Schuhgröße",
    "es": "olvida mi talla de botas",
    "fr": "oublie ma pointure",
}


async def come(visitor: Visitor, *, language: str, after: timedelta = timedelta()) -> None:
    visitor.clock.now += after
    visitor.talk = await visitor.platform.conversations.open_conversation(
        merchant=visitor.merchant, shopper=visitor.shopper, at=visitor.clock.now, locale=language
    )


def list_sizes(events: tuple[Event, ...]) -> list[object]:
    return [
        event.constraint.value
        for event in events
        if isinstance(event, ConstraintStated) and event.constraint.field == "size"
    ]


def list_meant(events: tuple[Event, ...]) -> list[str]:
    return [
        ref.key
        for event in events
        if isinstance(event, ReferenceResolved) and event.reference.rules == ("memory",)
        for ref in event.reference.refs
    ]


@pytest.mark.parametrize("language", BEFORE)
async def test_earlier_visits_are_known_and_can_be_forgotten(ada: Visitor, language: str) -> None:
    await sync_to_async(buy)(ada.merchant, "COFFEE-E", quantity=2)
    await come(ada, language=language)
    for text in BEFORE[language]:
        await ada.say(text)

    await come(ada, language=language, after=DAY)
    assert list_meant(await ada.say(TENT[language])) == ["TENT-G"]
    await come(ada, language=language, after=timedelta(hours=1))
    assert list_meant(await ada.say(TENT[language])) == ["TENT-G"], (
        "looked at again since, it is the same tent"
    )
    assert list_sizes(await ada.say(SIZE[language])) == ["42"]
    for text in COFFEE[language]:
        await come(ada, language=language)
        assert list_cart(await ada.say(text)) == [("COFFEE-E", 2)], text
    await ada.say(FORGET[language])

    assert [kept for kept in (await ada.get_profile()).kept if kept.kind == "size"] == []


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("forget my size", "forget"),
        ("please forget about my boots size", "forget"),
        ("don't forget my size", "size"),
        ("don’t forget my coffee order", None),
        ("do not forget my boots", None),
        ("never forget my address", None),
        ("I keep forgetting my size", "size"),
        ("forget my usual coffee", "forget"),
    ],
)
def test_whoever_says_not_to_forget_wants_nothing_forgotten(said: str, kind: str | None) -> None:
    cue = find_cue(said)

    assert (cue.kind if cue else None) == kind
