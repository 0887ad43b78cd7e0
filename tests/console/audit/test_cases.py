"""What the staff do about a conversation: flags, notes with mentions, corrections, who has it, the queue."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from commerce_agent.console.audit import cases
from commerce_agent.console.audit.indexing import index_conversations
from commerce_agent.models import Case, CaseFlag, CaseNote, ConversationTraits, FoundBy, Operator
from conversations.models import AccessRecord, Conversation
from tests.console.audit.conftest import Kept, log_in, make_staff


@pytest.fixture(autouse=True)
def no_case(kept: Kept) -> Iterator[None]:
    Case.objects.filter(pk=kept.id).delete()
    yield
    Case.objects.filter(pk=kept.id).delete()


def test_a_note_tells_whom_it_mentions(support: Client, supporter: Operator, kept: Kept) -> None:
    colleague = make_staff("view")

    answer = support.post(
        kept.address("note"), {"text": f"Look at this, @{colleague.username}!", "turn": "3"}
    )

    assert (answer.status_code, answer["Location"]) == (302, kept.address("turn", 3))
    note = CaseNote.objects.get(case=kept.id)
    assert (note.turn, note.kind, note.by, list(note.mentions.all())) == (
        3,
        "comment",
        supporter,
        [colleague],
    )
    told = log_in(colleague).get(reverse("admin:audit_queue"), {"who": "mentioned"})
    assert [str(case.pk) for case in told.context["cases"]] == [kept.id]
    assert f"Look at this, @{colleague.username}!" in support.get(kept.address("case")).content.decode()
    assert f"Look at this, @{colleague.username}!" in support.get(kept.address("talk")).content.decode()


def test_a_note_that_was_written_on_the_case_leads_back_to_it_and_says_what_is_kept(
    support: Client, kept: Kept
) -> None:
    note = {"text": "Called back.", "turn": "3", "flag": "wrong", "from": "case"}

    answer = support.post(kept.address("note"), note, follow=True)

    assert answer.redirect_chain == [(kept.address("case"), 302)]
    told = answer.content.decode()
    assert "The note and the flag “Wrong answer” are kept on turn 3." in told
    assert 'name="from" value="case"' in told


def test_the_queue_says_what_the_shopper_said(support: Client, kept: Kept) -> None:
    support.post(kept.address("note"), {"flag": "wrong"})

    page = support.get(reverse("admin:audit_queue")).content.decode()

    link = f'<a href="{kept.address("case")}"><bdi>I need a dimmable lamp under 100 euros</bdi></a>'
    assert link in page


def test_a_case_is_found_by_the_words_of_its_notes_but_not_by_what_is_covered(
    support: Client, kept: Kept
) -> None:
    queue, find = reverse("admin:audit_queue"), reverse("admin:audit_find")
    while index_conversations():
        pass
    support.post(kept.address("note"), {"text": "Grace Hopper was promised the zinnober parcels again."})

    def list_cases(words: str) -> list[str]:
        cases = support.get(queue, {"q": words}).context["cases"]
        return [str(case.pk) for case in cases if str(case.merchant_id) == kept.held.merchant]

    def list_found(words: str) -> list[str]:
        shown = support.get(find, {"q": words, "shop": kept.held.merchant})
        return [line.id for line in shown.context["lines"]]

    assert list_cases("zinnober parcel") == list_found("Zinnober") == [kept.id]
    assert list_cases("zinnober zebra") == list_found("zinnober zebra") == []
    # The name that is covered on the page is no word that finds it.
    assert list_cases("grace zinnober") == list_found("grace zinnober") == []
    # Nor is it lost where what a conversation is found by is made anew.
    FoundBy.objects.filter(conversation_id=kept.id).delete()
    ConversationTraits.objects.filter(pk=kept.id).delete()
    assert list_found("zinnober") == []
    while index_conversations():
        pass
    assert list_found("zinnober") == [kept.id]
    told = support.get(queue, {"q": "zebra"}).content.decode()
    assert "In no case of this list were these words said or noted." in told


def test_a_search_of_the_queue_is_on_record_without_its_words(support: Client, supporter: Operator) -> None:
    for asked in ({"who": "mine"}, {"who": "mine", "q": "zinnober"}):
        support.get(reverse("admin:audit_queue"), asked)

    looks = AccessRecord.objects.filter(actor=f"operator:{supporter.pk}", action="queue.viewed")
    told = list(looks.order_by("seq").values_list("detail", flat=True))
    assert [('"given"' in detail, "zinnober" in detail) for detail in told] == [(False, False), (True, False)]


def test_a_card_number_in_a_note_is_not_kept(support: Client, kept: Kept) -> None:
    support.post(kept.address("note"), {"text": "They mailed 4111 1111 1111 1111 to us."})

    assert CaseNote.objects.get(case=kept.id).text == "They mailed [card number removed] to us."


def test_a_correction_stands_beside_what_was_said(support: Client, kept: Kept) -> None:
    reply = support.get(kept.address("turn", 2)).context["chapter"].story.reply
    better = reply.replace("60 days", "90 days")
    assert better != reply

    support.post(kept.address("note"), {"text": better, "turn": "2", "correction": "yes"})

    (each,) = support.get(kept.address("case")).context["notes"]
    assert each["note"].kind == "correction"
    assert [(edit.kind, edit.words) for edit in each["edits"] if edit.kind != "same"] == [
        ("gone", "60"), ("new", "90"),
    ]  # fmt: skip
    assert "".join(edit.words for edit in each["edits"] if edit.kind != "new") == reply


def test_a_node_of_the_graph_is_commented_on(support: Client, kept: Kept) -> None:
    answer = support.post(kept.address("note"), {"text": "This price was wrong.", "node": "fact:f1"})

    assert answer["Location"] == f"{kept.address('graph')}?node=fact%3Af1#panel"
    assert "This price was wrong." in support.get(kept.address("graph"), {"node": "fact:f1"}).content.decode()


def test_a_flag_is_set_and_settled(support: Client, kept: Kept) -> None:
    support.post(kept.address("note"), {"flag": "wrong", "turn": "1"})
    flag = CaseFlag.objects.get(case=kept.id)
    badges = support.get(kept.address("talk")).context["chapters"][0].badges
    assert "Flag: Wrong answer" in {badge.words for badge in badges}
    graph = support.get(kept.address("graph")).content.decode()
    assert "Turn 1 ⚑</text>" in graph
    assert graph.count(">Flagged<") == 1

    support.post(kept.address("change_case"), {"settle": str(flag.pk)})

    flag.refresh_from_db()
    assert flag.resolved_at is not None
    badges = support.get(kept.address("talk")).context["chapters"][0].badges
    assert "Flag: Wrong answer" not in {badge.words for badge in badges}
    assert "⚑" not in support.get(kept.address("graph")).content.decode()


@pytest.mark.parametrize("body", [{}, {"text": "  "}, {"flag": "no_such_flag"}])
def test_nothing_is_kept_of_nothing(support: Client, kept: Kept, body: dict[str, str]) -> None:
    support.post(kept.address("note"), body)

    assert not Case.objects.filter(pk=kept.id).exists()


def test_it_is_assigned_and_done(support: Client, supporter: Operator, kept: Kept) -> None:
    support.post(kept.address("change_case"), {"status": "working", "assignee": str(supporter.pk)})
    case = Case.objects.get(pk=kept.id)
    assert (case.status, case.assignee) == ("working", supporter)
    mine = support.get(reverse("admin:audit_queue"), {"who": "mine"}).context["cases"]
    assert [str(each.pk) for each in mine] == [kept.id]

    support.post(kept.address("change_case"), {"status": "done", "assignee": ""})

    case.refresh_from_db()
    assert (case.status, case.assignee) == ("done", None)
    assert kept.id not in {
        str(each.pk) for each in support.get(reverse("admin:audit_queue")).context["cases"]
    }


@pytest.mark.parametrize("body", [{"text": "Once more, @{colleague}"}, {"flag": "wrong"}])
def test_a_note_or_a_flag_opens_a_case_that_was_done(
    support: Client, supporter: Operator, kept: Kept, body: dict[str, str]
) -> None:
    colleague, queue = make_staff("view"), reverse("admin:audit_queue")
    said = {name: value.format(colleague=colleague.username) for name, value in body.items()}
    support.post(kept.address("change_case"), {"status": "done", "assignee": str(supporter.pk)})

    def list_shown(client: Client, who: str) -> list[str]:
        cases = client.get(queue, {"who": who}).context["cases"]
        return [str(case.pk) for case in cases if str(case.pk) == kept.id]

    assert list_shown(support, "all") == []
    answer = support.post(kept.address("note"), said, follow=True)

    case = Case.objects.get(pk=kept.id)
    assert (case.status, case.assignee) == ("open", supporter)
    assert list_shown(support, "all") == list_shown(support, "mine") == [kept.id]
    assert list_shown(log_in(colleague), "mentioned") == ([kept.id] if "text" in body else [])
    assert "The case, which was done, is open again." in answer.content.decode()


def test_nothing_opens_no_case_that_was_done(support: Client, kept: Kept) -> None:
    support.post(kept.address("change_case"), {"status": "done"})

    support.post(kept.address("note"), {"text": "  "})

    assert Case.objects.get(pk=kept.id).status == "done"


def test_a_queue_that_is_longer_than_its_page_says_so(
    support: Client, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    support.post(kept.address("note"), {"flag": "wrong"})
    name, at = uuid4(), datetime(2020, 1, 1, tzinfo=UTC)
    Case.objects.create(pk=name, merchant_id=kept.held.merchant, opened_at=at, changed_at=at)
    total = Case.objects.exclude(status="done").count()
    queue = reverse("admin:audit_queue")

    assert f">{total} not done<" in support.get(queue).content.decode()
    monkeypatch.setattr(cases, "QUEUE", 1)
    shown = support.get(queue)
    Case.objects.filter(pk=name).delete()

    assert [case.pk for case in shown.context["cases"]] == [name]
    assert f">The oldest 1 of {total} not done<" in shown.content.decode()


def test_the_next_case_is_the_oldest_that_nobody_has(
    support: Client, supporter: Operator, kept: Kept
) -> None:
    support.post(kept.address("note"), {"flag": "wrong"})
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    older = [uuid4(), uuid4()]
    for place, name in enumerate(older):
        at = long_ago + timedelta(days=place)
        Conversation.objects.create(
            pk=name, merchant_id=kept.held.merchant, opened_at=at, active_at=at, erased_at=at
        )
        Case.objects.create(pk=name, merchant_id=kept.held.merchant, opened_at=at, changed_at=at)

    taken = [support.post(reverse("admin:audit_next"))["Location"] for _ in range(2)]

    assert taken == [reverse("admin:audit_case", args=[name]) for name in older]
    assert set(Case.objects.filter(pk__in=older).values_list("assignee", "status")) == {
        (supporter.pk, "working")
    }
    Case.objects.filter(pk__in=older).delete()
    Conversation.objects.filter(pk__in=older).delete()


def test_whoever_may_only_look_changes_nothing(onlooker: Client, kept: Kept) -> None:
    assert onlooker.get(kept.address("case")).status_code == 200
    for name, body in (("note", {"text": "x"}), ("change_case", {"status": "done"})):
        assert onlooker.post(kept.address(name), body).status_code == 403
    assert onlooker.post(reverse("admin:audit_next")).status_code == 403
    assert not Case.objects.filter(pk=kept.id).exists()
    assert "<textarea" not in onlooker.get(kept.address("case")).content.decode()


def test_a_change_is_on_record_without_its_words(support: Client, supporter: Operator, kept: Kept) -> None:
    support.post(kept.address("note"), {"text": "Grace Hopper is angry", "turn": "1"})

    record = AccessRecord.objects.filter(merchant_id=kept.held.merchant, action="case.changed").latest("seq")
    assert (record.actor, record.subject) == (f"operator:{supporter.pk}", f"conversation:{kept.id}")
    assert "Grace" not in record.detail
