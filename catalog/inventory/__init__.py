"""How many there are: readings come from the connectors, changes are made here."""

from catalog.connectors import StockReading
from catalog.inventory.many import StockSaid, count_what_is_left, set_stocks
from catalog.inventory.operations import ImpossibleQuantity, UnknownSku, release_excess, set_stock

__all__ = [
    "ImpossibleQuantity",
    "StockReading",
    "StockSaid",
    "UnknownSku",
    "count_what_is_left",
    "release_excess",
    "set_stock",
    "set_stocks",
]
