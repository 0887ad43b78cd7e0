"""The policies of tables, as SQL for migrations."""

from collections.abc import Iterable

NAME = "within_reach"
READ_BY_ALL = "read_by_all"

# Each question is asked once a statement, not once a row, because it stands in a query of its own.
ALL = "(SELECT isolation_acts_for_all())"
OWN = "{column} = ANY ((SELECT isolation_merchants())::uuid[])"


def protect(table: str, *, column: str = "merchant_id", readable: bool = False) -> str:
    """Shows a table's rows, and lets them be written, only where the transaction acts for their merchant.

    FORCE holds the table's owner to it too. `readable`: everybody may read, as strangers may anyway.
    """
    return _write(table, test=f"{ALL} OR {OWN.format(column=column)}", readable=readable)


def protect_part(table: str, *, column: str, whole: str, key: str) -> str:
    """The same for rows that name no merchant: who sees the row of `whole` that they are part of sees them."""
    test = f"{ALL} OR EXISTS (SELECT FROM {whole} whole WHERE whole.{key} = {table}.{column})"
    return _write(table, test=test, readable=False)


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
