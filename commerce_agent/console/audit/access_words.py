"""What an entry of the record of looks says, for people. Pure; the record itself keeps its own names."""

from commerce_agent.agent.explain.plain import tell_name

WHAT = {
    "accesses": "the record of who looked",
    "case": "the case",
    "conversation": "a conversation",
    "conversations": "conversations",
    "decisions": "decisions",
    "home": "the first page",
    "orders": "orders",
    "people": "who asks for a person",
    "personal": "what is personal",
    "profile": "what is known of a shopper",
    "queue": "the queue of cases",
    "rows": "what had had its time",
    "searches": "what was looked for in vain",
    "shopper": "a shopper's entry",
    "shoppers": "shoppers",
}
DONE = {
    "answered": "Answered in",
    "answering": "Set out to answer in",
    "changed": "Changed",
    "changing": "Set out to change",
    "erased": "Erased",
    "exported": "Took out",
    "handed_back": "Handed back",
    "handing_back": "Set out to hand back",
    "held": "Put a hold on",
    "joined": "Took over",
    "listed": "Listed",
    "purged": "Let go of",
    "read": "Read",
    "released": "Took the hold off",
    "revealed": "Uncovered",
    "searched": "Searched",
    "taken_over": "Took over",
    "taking_over": "Set out to take over",
    "viewed": "Looked at",
}


def tell_action(action: str) -> str:
    """An action as a sentence would begin: `conversation.viewed` is "Looked at a conversation"."""
    what, _, done = action.partition(".")
    if what not in WHAT or done not in DONE:
        return tell_name(action.replace(".", " ")).capitalize()
    return f"{DONE[done]} {WHAT[what]}"
