"""`python -m tests.flows.applying MERCHANT`: a worker at one shop's inbox, in a process of its own."""

import sys

import django

django.setup()

from commerce_agent.tasks import apply_inbox  # noqa: E402 - the tasks need Django

if __name__ == "__main__":
    apply_inbox(sys.argv[1])
