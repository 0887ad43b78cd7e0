"""Scripted conversations: read, run through the real turn pipeline, print."""
