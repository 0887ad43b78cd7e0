"""The root of the catalogue's errors; each kind stands beside the code that raises it."""


class CatalogError(Exception):
    """Something the catalogue was asked for cannot be had; the message says what to do next."""
