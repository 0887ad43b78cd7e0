"""The assistant's settings: a change is a version, and nothing alters one that decisions name."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Merchant
from commerce_agent.console.agent_settings import list_changes
from commerce_agent.models import AgentSettings, Role
from tests.console.visits import log_in, make_staff

ADD = "admin:commerce_agent_agentsettings_add"
FORM = {
    "persona": "You are Fern, who knows plants.",
    "tone": "dry",
    "languages": "en\nde",
    "use_claude": "on",
    "model": "",
    "small_model": "",
    "declined_topics": "medical advice",
    "handoff_rules": "a return is refused",
    "turn_micros": "0.2",
    "shopper_micros": "1",
    "shop_micros": "50",
}


@pytest.fixture
def merchant(database: str) -> Merchant:
    """A shop without settings."""
    return Merchant.objects.create(key=f"t-{uuid.uuid4().hex[:12]}", name="Has None")


def test_saving_makes_a_version_and_the_page_says_what_changed(owner: Client, merchant: Merchant) -> None:
    first = owner.post(reverse(ADD), {**FORM, "merchant": str(merchant.pk)})
    second = owner.post(
        reverse(ADD), {**FORM, "merchant": str(merchant.pk), "tone": "warm", "shop_micros": "20"}
    )

    assert (first.status_code, second.status_code) == (302, 302)
    versions = list(AgentSettings.objects.filter(merchant=merchant).order_by("version"))
    assert [(each.version, each.tone, each.shop_micros) for each in versions] == [
        (1, "dry", 50_000_000),
        (2, "warm", 20_000_000),
    ]
    assert (versions[0].languages, versions[0].declined_topics) == (["en", "de"], ["medical advice"])
    assert versions[1].changed_by is not None
    shown = owner.get(
        reverse("admin:commerce_agent_agentsettings_change", args=[versions[1].pk])
    ).content.decode()
    assert "<del>dry</del>" in shown
    assert "<ins>warm</ins>" in shown
    assert "<ins>$20</ins>" in shown


def test_the_form_says_that_persona_and_tone_are_for_claude(owner: Client) -> None:
    fields = owner.get(reverse(ADD)).context["adminform"].form.fields

    for name in ("persona", "tone"):
        assert fields[name].help_text.endswith("For Claude: the built-in planner has its own words."), name


def test_a_first_version_is_saved_as_the_form_stands(merchant: Merchant) -> None:
    """On a shop's first day there is no version to start from: the form is filled with what holds without one."""
    owner = log_in(make_staff(merchant, Role.OWNER))
    fields = owner.get(reverse(ADD)).context["adminform"].form

    shown = {field.name: field.value() for field in fields}
    given = {name: value for name, value in shown.items() if value not in (None, False)}
    saved = owner.post(reverse(ADD), {**given, "persona": "Rowan, who has walked every trail."})

    assert saved.status_code == 302
    first, untouched = AgentSettings.objects.get(merchant=merchant), AgentSettings()
    assert first.persona == "Rowan, who has walked every trail."
    assert [name for name, _, _ in list_changes(first)] == ["persona"]
    assert first.shop_micros == untouched.shop_micros > 0


def test_a_version_is_neither_changed_nor_removed(owner: Client, merchant: Merchant) -> None:
    owner.post(reverse(ADD), {**FORM, "merchant": str(merchant.pk)})
    version = AgentSettings.objects.get(merchant=merchant)

    changed = owner.post(
        reverse("admin:commerce_agent_agentsettings_change", args=[version.pk]), {**FORM, "tone": "other"}
    )
    removed = owner.post(
        reverse("admin:commerce_agent_agentsettings_delete", args=[version.pk]), {"post": "yes"}
    )

    assert (changed.status_code, removed.status_code) == (403, 403)
    assert AgentSettings.objects.get(merchant=merchant).tone == "dry"
