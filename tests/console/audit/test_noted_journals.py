"""How a journal's rows stood is noted by the index, also of talks that it read without noting it."""

from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.test import Client
from django.urls import reverse

from catalog.models import Merchant
from commerce_agent.console.audit.indexing import index_conversations
from commerce_agent.models import ConversationTraits
from conversations.models import Conversation, JournalEntry
from tests.console.audit.test_talk import say_more, set_row
from tests.console.conftest import hold_talk


def index_all() -> None:
    while index_conversations():
        pass


def get_note(conversation: str) -> str:
    return ConversationTraits.objects.get(pk=conversation).journal


def test_a_talk_that_was_indexed_without_a_note_gets_one_though_nothing_happens(
    owner: Client, merchant: Merchant
) -> None:
    talk = hold_talk(merchant)
    index_all()
    noted = get_note(talk.id)
    ConversationTraits.objects.filter(pk=talk.id).update(journal="")

    index_all()

    assert get_note(talk.id) == noted
    then = JournalEntry.objects.get(conversation=talk.id, seq=2).at
    set_row(talk.id, seq=2, column="at", value=then - timedelta(hours=1))
    page = owner.get(reverse("admin:audit_talk", args=[talk.id]))
    count = noted.partition(":")[0]
    told = f"The first {count} events are not those that were there when it was looked at or indexed."
    assert page.context["look"].broken == told
    set_row(talk.id, seq=2, column="at", value=then)


def test_they_are_noted_a_batch_at_a_time(merchant: Merchant) -> None:
    talks = [hold_talk(merchant).id for _ in range(3)]
    index_all()
    ConversationTraits.objects.filter(pk__in=talks).update(journal="")

    first = index_conversations(most=2)

    assert (first, ConversationTraits.objects.filter(pk__in=talks, journal="").count()) == (2, 1)
    index_all()


def test_rows_that_are_not_sealed_yet_are_left_and_keep_nobody_waiting(merchant: Merchant) -> None:
    talk = hold_talk(merchant)
    index_all()
    Conversation.objects.filter(pk=talk.id).update(may_be_plain=True)
    ConversationTraits.objects.filter(pk=talk.id).update(journal="")

    assert index_conversations() == 0
    assert get_note(talk.id) == ""
    Conversation.objects.filter(pk=talk.id).update(may_be_plain=False)
    index_all()
    assert get_note(talk.id) != ""


def test_where_the_journal_does_not_open_the_note_before_stays(
    merchant: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = hold_talk(merchant)
    index_all()
    noted = get_note(talk.id)
    async_to_sync(say_more)(talk.id)
    newest = JournalEntry.objects.filter(conversation=talk.id).order_by("-seq")[0]
    other = JournalEntry.objects.get(conversation=talk.id, seq=2)
    set_row(talk.id, seq=newest.seq, column="body", value=bytes(other.body))

    index_all()

    assert get_note(talk.id) == noted
    set_row(talk.id, seq=newest.seq, column="body", value=bytes(newest.body))
    ConversationTraits.objects.filter(pk=talk.id).update(version=newest.seq - 1)
    index_all()
    assert get_note(talk.id).partition(":")[0] == str(newest.seq)
