"""Replay: recorded turns run again, with the facts as they were or as they are, and nothing written."""
