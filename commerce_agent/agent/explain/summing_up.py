"""An account in a few sentences: what was asked, what was weighed, what it stands on, what went wrong."""

from collections import Counter

import msgspec

from commerce_agent.agent.explain.account import Account

MOST_NAMED = 3


def sum_up(account: Account) -> Account:
    """The account with its summary."""
    sentences = (
        *_tell_speaking(account),
        *_tell_references(account),
        *_tell_terms(account),
        *_tell_weighing(account),
        *_tell_facts(account),
        *_tell_claims(account),
        *_tell_tools(account),
    )
    return msgspec.structs.replace(account, summary=sentences)


def _tell_speaking(account: Account) -> tuple[str, ...]:
    spoken = account.spoken
    who = f"{spoken.planner} answered"
    reason = f": {spoken.reason}" if spoken.reason else ""
    cost = f" It cost {spoken.cost}." if spoken.cost else ""
    return (f"{who}{reason}.{cost}",)


def _tell_references(account: Account) -> tuple[str, ...]:
    told: list[str] = []
    for meant in account.references:
        if not meant.text:
            continue
        match meant.outcome:
            case "Resolved":
                told.append(f"“{meant.text}” meant {_name_some(meant.items)}.")
            case "Ambiguous":
                told.append(f"“{meant.text}” could have meant {_name_some(meant.items)}.")
            case _:
                told.append(f"“{meant.text}” pointed at nothing that was known.")
    return tuple(told)


def _tell_terms(account: Account) -> tuple[str, ...]:
    if not account.terms:
        return ()
    return (f"What held: {'; '.join(term.words for term in account.terms)}.",)


def _tell_weighing(account: Account) -> tuple[str, ...]:
    if not account.kept and not account.rejected:
        return ()
    total = len(account.kept) + len(account.rejected)
    rules = Counter(each.term or each.rule for each in account.rejected)
    left_out = ", ".join(f"{count} for “{rule}”" for rule, count in rules.most_common())
    told = f"Of {total} items considered {len(account.kept)} were shown"
    return (f"{told}; left out: {left_out}." if left_out else f"{told}.",)


def _tell_facts(account: Account) -> tuple[str, ...]:
    if not account.facts:
        return ()
    warned = [fact for fact in account.facts if fact.warning]
    told = f"The reply rests on {len(account.facts)} facts"
    if not warned:
        return (f"{told}, all of them current then.",)
    named = _name_some(tuple(f"{fact.name} of {fact.subject} ({fact.warning})" for fact in warned))
    return (f"{told}; {len(warned)} of them were not current: {named}.",)


def _tell_claims(account: Account) -> tuple[str, ...]:
    stopped = [verdict for verdict in account.verdicts if not verdict.passed]
    if not stopped:
        return ()
    named = _name_some(tuple(f"“{verdict.claim}”" for verdict in stopped))
    return (f"Claims that stood on no fact were stopped: {named}.",)


def _tell_tools(account: Account) -> tuple[str, ...]:
    failed = [
        tool
        for tool in account.tools
        if tool.outcome.startswith(("failed", "out of reach", "too slow", "stopped"))
    ]
    return tuple(f"The tool {tool.tool} brought nothing: {tool.outcome}." for tool in failed)


def _name_some(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:MOST_NAMED])
    more = len(names) - MOST_NAMED
    return f"{shown} and {more} more" if more > 0 else shown
