"""Every address of the audit, below `/admin/audit/`."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.urls import URLPattern, path

from commerce_agent.console.audit import (
    cases,
    chain_page,
    compare_page,
    export_page,
    find_page,
    graph_page,
    live_news,
    live_page,
    missed_page,
    people_page,
    replay_pages,
    rights_page,
    talk_page,
    time_pages,
    turn_page,
)

View = Callable[..., HttpResponse]

PAGES: tuple[tuple[str, View, str], ...] = (
    ("", find_page.show_find, "find"),
    ("views/", find_page.keep_view, "views"),
    ("people/", people_page.show_people, "people"),
    ("queue/", cases.show_queue, "queue"),
    ("queue/next/", cases.take_next, "next"),
    ("found-nothing/", missed_page.show_missed, "missed"),
    ("who-looked/", chain_page.show_chain, "chain"),
)
OF_A_CONVERSATION: tuple[tuple[str, View, str], ...] = (
    ("", talk_page.show_talk, "talk"),
    ("live/", live_page.show_live, "live"),
    ("print/", talk_page.show_print, "print"),
    ("turn/<int:number>/", turn_page.show_turn, "turn"),
    ("graph/", graph_page.show_graph, "graph"),
    ("fact/<path:fact>/", graph_page.show_fact, "fact"),
    ("timeline/", time_pages.show_timeline, "timeline"),
    ("state/", time_pages.show_state, "state"),
    ("replay/", replay_pages.show_replay, "replay"),
    ("what-if/", replay_pages.show_whatif, "whatif"),
    ("compare/", compare_page.show_compare, "compare"),
    ("case/", cases.show_case, "case"),
    ("export.json", export_page.export_json, "export"),
    ("trace.json", export_page.export_trace, "trace"),
    ("test.zip", export_page.export_script, "script"),
)
ACTS_ON_A_CONVERSATION: tuple[tuple[str, View, str], ...] = (
    ("reveal/", talk_page.reveal_personal, "reveal"),
    ("live/take/", live_page.take_over, "take"),
    ("live/say/", live_page.say, "say"),
    ("live/back/", live_page.hand_back, "back"),
    ("live/typing/", live_page.tell_typing, "typing"),
    ("case/change/", cases.change_case, "change_case"),
    ("notes/", cases.keep_note, "note"),
)
"""These change something, and are only ever posted to."""
FOR_OWNERS: tuple[tuple[str, View, str], ...] = (("rights/", rights_page.show_rights, "rights"),)
"""Shown and posted to by whoever may erase what shoppers said."""


def list_addresses(wrap: Callable[[View], Any]) -> list[URLPattern]:
    """The patterns, each view within the login that `wrap` puts around it."""
    return [
        *(path(f"audit/{route}", wrap(view), name=f"audit_{name}") for route, view, name in PAGES),
        *(
            path(f"audit/c/<uuid:conversation>/{route}", wrap(view), name=f"audit_{name}")
            for route, view, name in (*OF_A_CONVERSATION, *ACTS_ON_A_CONVERSATION, *FOR_OWNERS)
        ),
        # It answers who may not hear it by itself: the login around the others has no place for one that waits.
        path("audit/c/<uuid:conversation>/live/news/", live_news.follow, name="audit_follow"),
    ]
