"""Streets and telephone numbers are covered however they are typed; what a talk about goods is full of is readable."""

import pytest

from commerce_agent.console.audit.masking import COVERED, Mask

COVERED_WHOLE = (
    "Hauptstraße 12-14",
    "Lindenweg 5-7",
    "Calle Mayor 5-7",
    "Avenida 9 de Julio 1234",
    "12 Baker Street", "12 baker street", "221b baker st", "221B BAKER ST.",
    "12-14 Baker Street", "12 O'Connell Street",
    "350 5th Ave", "1600 pennsylvania avenue nw", "5 The Avenue", "12 oak drive", "12 mill road",
    "Hauptstr. 12", "Hauptstr.12", "Hauptstr 12", "musterstraße 12", "Musterstrasse 12a", "Karl-Marx-Str. 5",
    "Berliner Straße 12", "berliner str. 12", "Lindenallee 4", "Kirchweg 3",
    "rue de la Paix 12", "Rue Mozart 12", "rue mozart 12", "12, Rue de la Paix", "12 bis rue de la Paix",
    "avenue des Champs-Élysées 8", "place de la République 3",
    "calle mayor 5", "Calle Mayor, 5", "calle de alcalá 42", "C/ Mayor 5",
    "avenida de américa 12", "Avda. de América 12",
    "plaza del sol 3", "paseo de gracia 12",
    "+34 600 123 456", "(555) 123-4567", "555-123-4567", "600 123 456",
)  # fmt: skip
COVERED_WITHIN = {
    "ship it to 12 baker street london please": f"ship it to {COVERED} london please",
    "my address is 12 mill road, leeds": f"my address is {COVERED}, leeds",
    "12 baker street london nw1 6xe": f"{COVERED} london nw1 6xe",
    "it is 12 main street springfield il 62704": f"it is {COVERED} springfield il 62704",
    "221b baker st apt 4": f"{COVERED} apt 4",
    "I live at 4 elm way": f"I live at {COVERED}",
    "Schick es bitte an kirchweg 3": f"Schick es bitte an {COVERED}",
    "Ich wohne in der Hauptstr. 12 in Bonn": f"Ich wohne in der {COVERED} in Bonn",
    "livrez à rue mozart 12, Paris": f"livrez à {COVERED}, Paris",
    "vivo en la calle mayor 5, 2º": f"vivo en la {COVERED}, 2º",
    "envíalo a la plaza mayor 3": f"envíalo a {COVERED}",
    "call me at 5551234567": f"call me at {COVERED}",
    "my phone number is 5551234567.": f"my phone number is {COVERED}.",
    "phone: 600123456": f"phone: {COVERED}",
    "Tel. 600123456": f"Tel. {COVERED}",
    "Meine Handynummer ist 1712345678": f"Meine Handynummer ist {COVERED}",
    "Ruf mich bitte unter 1712345678 an": f"Ruf mich bitte unter {COVERED} an",
    "mon portable est le 612345678": f"mon portable est le {COVERED}",
    "mi móvil es el 600123456": f"mi móvil es el {COVERED}",
    "llámame al 600123456": f"llámame al {COVERED}",
}
READABLE = (
    # SKUs, GTINs, orders and customer keys: bare digits as a telephone number has them, too.
    "SKU-4821", "BLK-STR 12", "AB-12 main st", "GTIN 4006381333931", "UPC 012345678905", "ISBN 0306406152",
    "5551234567", "600123456", "order 5551234567", "where is my order 600123456?", "my order number is 5551234567",
    "call me when 5551234567 ships", "text me about order 5551234567", "phone case 012345678905",
    "#10007 of 11/26/2026",
    # Sizes, counts and measures beside words that streets are named by.
    "size 10 for the street", "I want 2 black street shoes please", "10 nike street sneakers", "10 speed road bike",
    "4 TB External Drive", "4 tb hard drive", "4 chairs for the terrace", "3 in 1 place",
    "400 units square", "Street Runner 42",
    "zapatos de calle talla 42", "para la calle negras 42", "ropa de calle, 2 camisetas", "bici de paseo de mujer 26",
    "chaussures de rue taille 42", "bottes pour la rue en 42", "à la place de la noire 42", "canapé 2 places",
    "Schuhe für die Straße 42", "auf der Straße 5 Modelle", "durchweg 5 Sterne",
    # Prices and dates.
    "zapatillas de calle por menos de 50", "calle mayor 5,99", "calle mayor 5 €", "$12 street art",
    "12 350 000", "$1,299.00",
    "2026-11-25 10:30", "12.11.2026", "send it to me by 12.11.2026",
    "ships in 2 to 4 days", "deliver at 10 please, the same way",
)  # fmt: skip


@pytest.mark.parametrize("text", COVERED_WHOLE)
def test_a_street_and_a_number_are_covered_as_they_are_typed(text: str) -> None:
    assert Mask().cover(text).rstrip(".") == COVERED
    assert Mask().cover(f"{text}, please") == f"{COVERED}, please"


@pytest.mark.parametrize("text", COVERED_WITHIN)
def test_a_sentence_keeps_what_is_said_beside_them(text: str) -> None:
    assert Mask().cover(text) == COVERED_WITHIN[text]


@pytest.mark.parametrize("text", READABLE)
def test_what_is_said_of_goods_stays_readable(text: str) -> None:
    assert Mask().cover(text) == text
