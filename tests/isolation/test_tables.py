"""Every table with a merchant's rows is under a policy; those that are not stand here by name, with the reason."""

import pytest
from django.db import connection

from commerce_agent.isolation.acting import SETTING
from commerce_agent.isolation.owning import as_owner
from commerce_agent.isolation.policies import NAME, READ_BY_ALL, WITHIN_TALK

PLATFORMS_OWN = {
    "auth_group": "rights of the platform's own staff",
    "auth_group_permissions": "rights of the platform's own staff",
    "auth_permission": "Django's list of rights",
    "commerce_agent_operator": "accounts, each of which may work for several shops; who works where is a membership",
    "commerce_agent_operator_groups": "rights of the platform's own staff",
    "commerce_agent_operator_user_permissions": "rights of the platform's own staff",
    "commerce_agent_savedview": "searches that an operator saved, over whichever shops they reach",
    "django_admin_log": "what operators did, by operator",
    "django_content_type": "Django's list of tables",
    "django_migrations": "which migrations were applied",
    "django_session": "who is logged in",
}
READ_BY_EVERYBODY = {"catalog_merchant", "commerce_agent_widgetlook"}
"""What a stranger sees who comes to a shop's door; written for their own merchant alone, as the others are."""
NAMES_A_SHOPPER = (
    "shopper_id", "conversation_id", "customer_key", "owner", "owner_id", "payer", "origin", "order_id", "case_id",
    "casenote_id", "holder", "subject",
)  # fmt: skip
"""Columns by which a row may be a shopper's."""
NOBODYS = {
    "catalog_latestword": "the subject of a shop's event: an item, a policy, a promotion",
    "catalog_shopevent": "the same",
    "commerce_agent_modelspend": "keyed hashes, and the shop's own account, which every call draws on",
    "commerce_agent_spenttoken": "hashes of what was brought, looked up before it is known who brings it",
}

TABLES = """
SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity,
    coalesce(array_agg(p.polname) FILTER (WHERE p.polname IS NOT NULL), '{}')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_policy p ON p.polrelid = c.oid
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') GROUP BY c.oid
"""
VIEWS = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('v', 'm', 'f')
"""


def ask(statement: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def test_every_table_is_under_a_forced_policy_or_named_here(database: str) -> None:
    tables = {str(name): (enabled, forced, set(own)) for name, enabled, forced, own in ask(TABLES)}  # type: ignore[call-overload]

    assert {name for name, kept in tables.items() if not kept[0]} == set(PLATFORMS_OWN)
    for name in set(tables) - set(PLATFORMS_OWN):
        expected = {NAME, READ_BY_ALL} if name in READ_BY_EVERYBODY else {NAME}
        assert tables[name] == (True, True, tables[name][2] & {WITHIN_TALK} | expected), (
            f"{name}: see commerce_agent/isolation/README.md, `protect`"
        )


def test_every_table_with_a_shoppers_rows_keeps_those_apart_too_or_is_named_here(database: str) -> None:
    policies = ask(
        "SELECT DISTINCT polrelid::regclass::text FROM pg_policy"
        f" WHERE polname = '{WITHIN_TALK}' AND NOT polpermissive"
    )
    columns = ask(
        "SELECT DISTINCT table_name FROM information_schema.columns WHERE table_schema = 'public'"
        f" AND column_name IN ({', '.join(repr(name) for name in NAMES_A_SHOPPER)})"
    )
    people = {
        "catalog_customer",
        "conversations_accesshead",
        "conversations_conversation",
        "conversations_shopper",
    }
    assert {name for (name,) in policies} == {name for (name,) in columns} - set(NOBODYS) | people


def test_nothing_named_here_has_a_merchants_rows(database: str) -> None:
    columns = ask(
        "SELECT DISTINCT table_name FROM information_schema.columns WHERE table_schema = 'public'"
        " AND column_name IN ('merchant_id', 'shopper_id', 'conversation_id', 'customer_key', 'owner_id')"
    )
    assert not {name for (name,) in columns} & set(PLATFORMS_OWN)


def test_no_view_shows_what_policies_hide(database: str) -> None:
    assert ask(VIEWS) == []


def test_what_tells_by_itself_does_so_first_and_acts_as_its_caller(database: str) -> None:
    """A function that takes `acting` is called without a statement before it that tells."""
    found = ask(
        "SELECT p.proname, p.prosecdef, p.prosrc FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE n.nspname = 'public' AND 'acting' = ANY(p.proargnames)"
    )
    assert {name for name, _, _ in found} == {
        f"conversations_put_{what}" for what in ("message", "start", "close")
    }
    for name, above, source in found:
        first = str(source).partition("BEGIN")[2].split(";")[0].strip()
        assert (above, first) == (False, f"PERFORM set_config('{SETTING}', acting, true)"), name


def test_what_runs_is_neither_owner_nor_above_policies(database: str) -> None:
    with as_owner():
        (owner,) = ask("SELECT current_user")
    ((name, above),) = ask(
        "SELECT rolname, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
    )
    if (name,) == owner:
        pytest.skip("DATABASE_OWNER_URL is not set: one role owns the tables and runs")
    assert above is False
    owned = ask(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = 'public' AND pg_has_role(c.relowner, 'MEMBER')"
    )
    assert owned == []
