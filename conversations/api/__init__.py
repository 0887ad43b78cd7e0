"""The state over HTTP: conversations, their state and their events."""
