"""Sentences that only look like a claim pass, and the claims they look like are stopped."""

import pytest

from commerce_agent.agent.grounding import check_sentence, list_grounds
from commerce_agent.agent.grounding.promises import list_given
from commerce_agent.management.judged.claims.claimed_shops import Promised, make_state
from conversations.events import Recorded
from conversations.events.facts import Fact, FactsObserved
from conversations.ids import EntityRef
from conversations.state import ConversationState, apply
from tests.agent.conftest import NOW
from tests.agent.prose_claims import SHOPS

PLANTS, CAMERAS, _ = SHOPS
GONE = "WRN-7"


def passes(said: str, *, shop: Promised = CAMERAS, about: str = GONE) -> bool:
    grounds = list_grounds(state=make_state(shop))
    return check_sentence(said, grounds=grounds, about=frozenset({about})).passed


@pytest.mark.parametrize(
    ("said", "true"),
    [
        ("Nein, hier nennt der Laden als Material: Wolle.", True),
        ("Hier kostet die Lieferung $7.50.", True),
        ("Guten Morgen, die Wren Compact ist leider ausverkauft.", True),
        ("Sorry, the weekend bag is sold out.", True),
        ("We have it again on Friday.", False),
        ("You can have it on your porch before the weekend.", False),
        ("Am Montag haben wir die Wren Compact wieder.", False),
        ("La Wren Compact vuelve mañana.", False),
        ("La Wren Compact revient lundi.", False),
    ],
)
def test_a_day_of_what_is_sold_out_is_one_on_which_it_is_back(said: str, true: bool) -> None:
    assert passes(said) is true


@pytest.mark.parametrize(
    ("said", "true"),
    [
        ("The shop doesn't say what delivery costs.", True),
        ("Delivery is not included in the price you pay.", True),
        ("Was der Versand kostet, sagt der Laden nicht.", True),
        ("La tienda no indica lo que cuesta el envío.", True),
        ("La boutique ne précise pas ce que coûte la livraison.", True),
        ("You won't pay postage on this one.", False),
        ("You don't have to pay for delivery.", False),
        ("Porto fällt keins an.", False),
        ("No se cobran portes.", False),
        ("Vous ne payez pas les frais de port.", False),
    ],
)
def test_delivery_is_for_nothing_only_where_nobody_pays_it(said: str, true: bool) -> None:
    assert passes(said) is true


@pytest.mark.parametrize(
    ("said", "true"),
    [
        ("Ratenzahlung gibt es hier nicht.", True),
        ("Instalments aren't offered.", True),
        ("El pago a plazos no es posible.", True),
        ("Le paiement en plusieurs fois n'est pas possible.", True),
        ("Instalments don't cost anything extra.", False),
        ("You can pay in instalments.", False),
        ("Sie können in Raten zahlen.", False),
        ("Puede pagar a plazos.", False),
        ("Vous pouvez payer en plusieurs fois sans frais.", False),
    ],
)
def test_that_a_service_is_not_offered_may_be_told(said: str, true: bool) -> None:
    assert passes(said) is true


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("We do not offer instalments.", False),
        ("Ratenzahlung bieten wir nicht an. Sie zahlen mit Karte.", False),
        ("You can pay in instalments.", True),
        ("We do not take cheques. You can pay in instalments.", True),
    ],
)
def test_a_text_that_refuses_a_service_gives_none(text: str, given: bool) -> None:
    assert ("instalments" in list_given(text)) is given


@pytest.mark.parametrize(
    ("said", "true"),
    [
        ("If you find it cheaper elsewhere, tell us.", True),
        ("Si vous trouvez moins cher ailleurs, dites-le-nous.", True),
        ("You won't find it cheaper anywhere.", False),
        ("You will not find it any cheaper.", False),
        ("No lo encontrará más barato en ningún sitio.", False),
        ("Vous ne trouverez pas moins cher ailleurs.", False),
    ],
)
def test_the_lowest_price_is_claimed_only_where_nobody_sells_it_for_less(said: str, true: bool) -> None:
    assert passes(said, about="OWL-50") is true


@pytest.mark.parametrize(
    ("said", "true"),
    [
        ("It runs for 10 hours and ships with a charger.", True),
        ("Er läuft 10 Stunden und wird mit Ladegerät geliefert.", True),
        ("It runs for 12 hours and ships with a charger.", False),
        ("It takes 10 hours and ships with a charger.", False),
        ("It ships within 10 hours.", False),
        ("You have 10 days and can return it.", False),
        ("Delivery is quick and it needs 10 days.", False),
    ],
)
def test_a_property_beside_a_term_is_none_of_that_term(said: str, true: bool) -> None:
    item = EntityRef("variant", "LMP-1")
    battery = Fact(id="f1", subject=item, name="battery", value=10, source="catalog", observed_at=NOW)
    event = FactsObserved(facts=(battery,))
    state = apply(ConversationState(), Recorded(seq=1, frame=None, at=NOW, turn=1, event=event))

    assert check_sentence(said, grounds=list_grounds(state=state), about=frozenset({"LMP-1"})).passed is true


@pytest.mark.parametrize(
    ("said", "true"),
    [
        ("Está hecho a mano.", True),
        ("Im Regal nimmt sie wenig Platz ein.", True),
        ("La tenemos a mano.", False),
        ("Sie liegt bei uns im Regal.", False),
    ],
)
def test_made_by_hand_is_no_word_of_stock(said: str, true: bool) -> None:
    assert passes(said) is true


@pytest.mark.parametrize(
    ("said", "true"),
    [
        ("It is sent with DHL.", True),
        ("It comes from DHL.", True),
        ("It works with PayPal.", True),
        ("This is sold free of charge.", None),
        ("They are shipped free from 50.", None),
        ("Both are exchanged free of charge.", None),
        ("It fits your budget of 50.", None),
        ("It is sent with UPS.", False),
        ("It works with GoPro.", False),
        ("It comes with DHL.", False),
        ("It is made in Germany.", False),
        ("It fits a Bosch of 18.", False),
        ("It is dust-free.", False),
        ("It is lead free.", False),
    ],
)
def test_what_serves_the_shop_is_no_property_of_goods(said: str, true: bool | None) -> None:
    item, terms = EntityRef("variant", "LMP-1"), EntityRef("policy", "shipping")
    facts = (
        Fact(id="f1", subject=item, name="description", value="A lamp.", source="catalog", observed_at=NOW),
        Fact(
            id="f2",
            subject=terms,
            name="text",
            value="We send within Germany with DHL. Pay by PayPal.",
            source="policies",
            observed_at=NOW,
        ),
    )
    event = FactsObserved(facts=facts)
    state = apply(ConversationState(), Recorded(seq=1, frame=None, at=NOW, turn=1, event=event))

    checked = check_sentence(said, grounds=list_grounds(state=state), about=frozenset({"LMP-1"}))
    refused = {verdict.kind for verdict in checked.verdicts if not verdict.passed}

    assert ("property" in refused) is (true is False)
