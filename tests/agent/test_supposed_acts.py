"""What is only asked about or supposed is not done: "why should I buy it?", "what happens if I put it in my cart?"."""

from datetime import timedelta
from time import perf_counter

import pytest

from commerce_agent.agent.understanding.english.supposed import blank_supposed
from commerce_agent.agent.understanding.finding_moves import find_moves
from commerce_agent.agent.understanding.moves import EFFECTS
from conversations.language.glossing import gloss
from conversations.language.vocabulary import Vocabulary

SOON = timedelta(seconds=1)


def _list_effects(said: str) -> set[str]:
    return {move.kind for move in find_moves(said) if move.kind in EFFECTS}


@pytest.mark.parametrize(
    "said",
    [
        "why should I buy the second one?",
        "should I buy the first one?",
        "would you buy the second one?",
        "should I add the first one to my cart?",
        "what happens if I put it in my cart?",
        "I don't know whether to buy the first one",
        "before I buy the second one, is it waterproof?",
        "do people usually buy the first one?",
        "who would buy the first one?",
        "is it a good idea to buy the second one?",
        "give me one reason to buy it",
        "convince me to buy the second one",
        "what happens if I buy the first one?",
        "when should I buy it?",
        "do I have to buy it now?",
        "why shouldn't I buy it?",
        "why can't I check out?",
        "is it safe to buy it here?",
        "would it fit me if I order it in M?",
        "what if I empty my cart?",
        "should I take it out of my cart?",
        "if I buy the second one, do I get a discount?",
        "do you think I should order it?",
        "not sure if I should buy it",
    ],
)
def test_what_is_asked_about_is_not_done(said: str) -> None:
    assert _list_effects(said) == set()


@pytest.mark.parametrize(
    ("said", "kinds"),
    [
        ("can I buy it?", {"check_out"}),
        ("could I order two of them?", {"set_quantity"}),
        ("how do I buy it?", {"check_out"}),
        ("shall we add it to my cart? yes", {"add_to_cart"}),
        ("if you have it in blue I'll take it", {"add_to_cart"}),
        ("why not add it to my cart?", {"add_to_cart"}),
        ("why don't you put it in my cart?", {"add_to_cart"}),
        ("that's why I'll take it", {"add_to_cart"}),
        ("I was wondering if you could add it to my cart", {"add_to_cart"}),
        ("would you add it to my cart please?", {"add_to_cart"}),
        ("would you take it out of my cart?", {"take_from_cart"}),
        ("would you order it for me?", {"check_out"}),
        ("should I buy it? ok, add it to my cart", {"add_to_cart"}),
        ("not sure if it fits but I'll take it", {"add_to_cart"}),
        ("I don't know whether it fits, just add it to my cart", {"add_to_cart"}),
        ("tell me why you chose it, then add it to my cart", {"add_to_cart"}),
        ("before I check out, add the first one to my cart", {"add_to_cart", "check_out"}),
        ("add it to my cart before I change my mind", {"add_to_cart"}),
        ("if I like it can I buy it?", {"check_out"}),
        ("is it possible to order it?", {"check_out"}),
    ],
)
def test_what_is_asked_for_is_still_done(said: str, kinds: set[str]) -> None:
    assert _list_effects(said) == kinds


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de", "warum sollte ich das zweite kaufen?"),
        ("de", "soll ich das erste kaufen?"),
        ("de", "würdest du das zweite kaufen?"),
        ("fr", "pourquoi devrais-je acheter le deuxième ?"),
        ("fr", "est-ce que je devrais l'acheter ?"),
        ("fr", "dois-je l'acheter maintenant ?"),
        ("fr", "je ne sais pas si je dois l'acheter"),
        ("fr", "tu achèterais le deuxième ?"),
        ("fr", "avant de l'acheter, est-il étanche ?"),
        ("es", "¿por qué debería comprar el segundo?"),
        ("es", "¿debería comprar el primero?"),
        ("es", "¿debo añadirlo al carrito?"),
        ("es", "¿tengo que comprarlo ahora?"),
        ("es", "no sé si comprarlo"),
        ("es", "antes de comprarlo, ¿es impermeable?"),
    ],
)
def test_nor_is_it_in_other_languages(language: str, said: str) -> None:
    assert _list_effects(gloss(said, language=language, vocabulary=Vocabulary()).text) == set()


@pytest.mark.parametrize(
    "said", ["why and add ", "should i - ", "if i buy ", "people often ", "is it really "]
)
def test_no_message_takes_long(said: str) -> None:
    began = perf_counter()

    blank_supposed(said * (8000 // len(said)))

    assert timedelta(seconds=perf_counter() - began) < SOON
