"""Where what a turn went by comes from: whose a term is, how well an item met the search."""

from django.test import Client
from django.urls import reverse

from tests.console.conftest import Talk


def test_it_says_whose_words_a_term_was_read_from_and_how_well_an_item_met_the_search(
    owner: Client, talk: Talk
) -> None:
    address = reverse("admin:audit_talk", args=[talk.id])
    reasons = owner.get(address).context["chapters"][0].story.reasons

    assert [(term.source, term.said) for term in reasons.terms] == [("the shopper said", "under $100")]
    assert [item.score for item in (*reasons.kept, *reasons.rejected)] == ["0.87", ""]
    for page in (address, f"{address}turn/1/"):
        told = owner.get(page).content.decode()
        assert "since turn 1, the shopper said “<bdi>under $100</bdi>”" in told
        assert "<td>0.87</td>" in told
