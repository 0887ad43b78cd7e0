"""Django's migrate, as the tables' owner; afterwards the role of run time may use what there is."""

from typing import Any

from django.core.management.commands import migrate
from typing_extensions import override

from commerce_agent.isolation.acting import acting_for_platform
from commerce_agent.isolation.owning import as_owner, grant_run_time, is_held_to_policies

BYPASSED = (
    "DATABASE_URL logs in as a role that PostgreSQL's policies do not hold for (a superuser, or BYPASSRLS), so nothing"
    " but the application's own conditions keeps merchants apart. Name an ordinary role; README says how."
)


class Command(migrate.Command):
    """Updates database schema, and lets the role of run time use it."""

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        """Migrates, grants, and says so where policies cannot hold."""
        with acting_for_platform("migrations, which concern all shops"), as_owner():
            super().handle(*args, **options)
        grant_run_time()
        if not is_held_to_policies():
            self.stderr.write(self.style.WARNING(BYPASSED))
