"""PostgreSQL remembers, Redis serves: the journal, its projection and the lease of a turn."""
