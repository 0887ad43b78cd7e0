"""What words mean: the resolver of "the blue one", "it" and "the second one"."""

from conversations.references.resolution import Resolution
from conversations.references.resolve import resolve_references

__all__ = ["Resolution", "resolve_references"]
