"""Keeps merchants apart in the database itself: who acts is told to every transaction, and policies read it."""
