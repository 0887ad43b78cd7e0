"""The shop's rules: versions, scopes, and which of them applies."""

from catalog.policies.asking import ask_policies, list_policy_titles
from catalog.policies.choosing import choose_policy
from catalog.policies.operations import PolicyWithoutText, set_policy
from catalog.policies.reading import find_category, find_policy, list_policies
from catalog.policies.records import PassedOver, PolicyAnswer, PolicyRecord, TermValue
from catalog.policies.scopes import ScopeRefused, read_scope
from catalog.policies.terms import TermsUnreadable, read_terms, write_terms

__all__ = [
    "PassedOver",
    "PolicyAnswer",
    "PolicyRecord",
    "PolicyWithoutText",
    "ScopeRefused",
    "TermValue",
    "TermsUnreadable",
    "ask_policies",
    "choose_policy",
    "find_category",
    "find_policy",
    "list_policies",
    "list_policy_titles",
    "read_scope",
    "read_terms",
    "set_policy",
    "write_terms",
]
