"""Pieces of SQL that are put together: values go in as parameters, never as text."""

from datetime import datetime

from catalog.products.discounts import Discount, count_decimals


class Parameters:
    """Collects the values of a statement and names their places."""

    def __init__(self) -> None:
        self.values: dict[str, object] = {}

    def add(self, value: object) -> str:
        """The place that stands for the value in the statement."""
        name = f"p{len(self.values)}"
        self.values[name] = value
        return f"%({name})s"


def write_sale_price(parameters: Parameters, *, now: datetime) -> str:
    """The price of variant `v` with a running sale."""
    at = parameters.add(now)
    return (
        f"CASE WHEN v.sale_price IS NOT NULL AND (v.sale_starts IS NULL OR v.sale_starts <= {at}) "
        f"AND (v.sale_ends IS NULL OR v.sale_ends > {at}) THEN v.sale_price ELSE v.price END"
    )


def _write_scope(discount: Discount, parameters: Parameters) -> str:
    value = parameters.add(discount.scope_value.lower())
    match discount.scope:
        case "store":
            return "true"
        case "sku":
            return f"lower(v.sku) = {value}"
        case "brand":
            return f"lower(b.name) = {value}"
        case "category":
            return f"position(' > ' || {value} || ' > ' in ' > ' || lower(c.path) || ' > ') > 0"


def write_paid_price(
    parameters: Parameters, *, base: str, discounts: tuple[Discount, ...], currency: str
) -> str:
    """What this shopper pays for one: the best single discount off `base`. Those bound to a total need a cart."""
    options = [base]
    for discount in discounts:
        if discount.min_total is not None:
            continue
        scope = _write_scope(discount, parameters)
        if discount.percent is not None:
            share = parameters.add(100 - discount.percent)
            less = f"round({base} * {share} / 100, {count_decimals(currency)})"
        else:
            less = f"greatest({base} - {parameters.add(discount.amount)}, 0)"
        options.append(f"CASE WHEN {scope} THEN {less} END")
    return f"LEAST({', '.join(options)})" if len(options) > 1 else base
