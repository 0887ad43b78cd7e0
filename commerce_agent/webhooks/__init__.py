"""Where a merchant's systems tell what changed: signed, taken in durably, applied in the background."""
