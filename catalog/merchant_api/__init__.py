"""The built-in store behind its own process boundary: an HTTP API, as a merchant's own system would have."""
