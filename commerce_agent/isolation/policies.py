"""The policies of tables, as SQL for migrations."""

from collections.abc import Iterable

from commerce_agent.isolation.acting import SETTING

NAME = "within_reach"
READ_BY_ALL = "read_by_all"
WITHIN_TALK = "within_talk"

# Each question is asked once a statement, not once a row, because it stands in a query of its own.
ALL = "(SELECT isolation_acts_for_all())"
OWN = "{column} = ANY ((SELECT isolation_merchants())::uuid[])"
FOR_TALK = "(SELECT isolation_acts_for_talk())"
TALK = "(SELECT isolation_talk())"
SHOPPER = "(SELECT isolation_shopper())"
CUSTOMER = "(SELECT isolation_customer())"

TELLS_ITSELF = f"PERFORM set_config('{SETTING}', acting, true);"
"""What a function that takes `acting` begins with; `connections.execute_telling` calls such."""


def protect(table: str, *, column: str = "merchant_id", readable: bool = False) -> str:
    """Shows a table's rows, and lets them be written, only where the transaction acts for their merchant.

    FORCE holds the table's owner to it too. `readable`: everybody may read, as strangers may anyway.
    """
    return _write(table, test=f"{ALL} OR {OWN.format(column=column)}", readable=readable)


def protect_part(table: str, *, column: str, whole: str, key: str) -> str:
    """The same for rows that name no merchant: who sees the row of `whole` that they are part of sees them."""
    test = f"{ALL} OR EXISTS (SELECT FROM {whole} whole WHERE whole.{key} = {table}.{column})"
    return _write(table, test=test, readable=False)


def protect_within_talk(table: str, *, test: str) -> str:
    """Shows a protected table's rows only where they pass the test, while the transaction acts for one talk.

    It comes on top of the merchant's own policy, and is no bar to who acts for a whole merchant.
    """
    within = f"NOT {FOR_TALK} OR ({test})"
    return f"CREATE POLICY {WITHIN_TALK} ON {table} AS RESTRICTIVE USING ({within}) WITH CHECK ({within});\n"


def expose_within_shop(tables: Iterable[str]) -> str:
    """Takes these policies away."""
    return "".join(f"DROP POLICY {WITHIN_TALK} ON {table};\n" for table in tables)


def expose(tables: Iterable[str]) -> str:
    """Takes the policies of tables away."""
    return "".join(
        f"DROP POLICY IF EXISTS {READ_BY_ALL} ON {table};\nDROP POLICY {NAME} ON {table};\n"
        f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY;\n"
        for table in tables
    )


def _write(table: str, *, test: str, readable: bool) -> str:
    written = (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;\n"
        f"CREATE POLICY {NAME} ON {table} USING ({test}) WITH CHECK ({test});\n"
    )
    if readable:
        written += f"CREATE POLICY {READ_BY_ALL} ON {table} FOR SELECT USING (true);\n"
    return written
