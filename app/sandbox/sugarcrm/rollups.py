"""Sums: of opportunities over their line items, of quotes over their bundles, of bundles over their products."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from app.sandbox.sugarcrm.derive import HUNDRED, ONE, ZERO, close_timestamp, commit_stage, discount, in_base_currency
from app.sandbox.sugarcrm.dropdowns import LOST, STAGES, WON
from app.sandbox.sugarcrm.saving import Saver
from app.sandbox.sugarcrm.site import Actor, Site
from app.sandbox.sugarcrm.store import Row
from app.sandbox.sugarcrm.values import SIX

CLOSED = (WON, LOST)
_CASES = {"amount": "likely_case", "best_case": "best_case", "worst_case": "worst_case"}
_ORDER = list(STAGES)


def settle(saver: Saver, actor: Actor) -> None:
    """Add up what the call touched, from the inside out."""
    site = saver.site
    for module, compute in SUMS.items():
        dirty = site.dirty[module]
        while dirty:
            record_id = next(iter(dirty))
            del dirty[record_id]
            row = site.tables[module].rows.get(record_id)
            if row is None:
                continue
            merged = {**row, **compute(site, row)}
            in_base_currency(site, site.schema.modules[module], merged)
            if merged != row:
                saver.put(actor, module, row, merged, {})
            dirty.pop(record_id, None)


def converted(amount: Decimal | None, row: Row, to: Row) -> Decimal:
    """An amount of one record in the currency of another."""
    value = amount or ZERO
    if row["currency_id"] == to["currency_id"] or not value:
        return value
    return (value / (row["base_rate"] or ONE) * (to["base_rate"] or ONE)).quantize(SIX)


def opportunity_sums(site: Site, row: Row) -> Row:
    """What an opportunity shows of its line items; nothing in the mode without them."""
    if not site.schema.with_line_items:
        return {}
    lines = site.tables["RevenueLineItems"].find("opportunity_id", row["id"])
    counted = lines if site.switches.lost_lines_count else [x for x in lines if x["sales_stage"] != LOST]
    found: Row = {
        name: sum((converted(line[source], line, row) for line in counted), ZERO) for name, source in _CASES.items()
    }
    stages = [line["sales_stage"] for line in lines]
    closed = sum(stage in CLOSED for stage in stages)
    found.update(total_revenue_line_items=len(lines), closed_revenue_line_items=closed)
    found["included_revenue_line_items"] = sum(line["commit_stage"] == "include" for line in lines)
    found["sales_status"] = sales_status(stages, closed)
    if lines:
        days = [line["date_closed"] for line in lines if line["date_closed"]]
        latest = max if site.switches.close_date == "latest" else min
        found["date_closed"] = latest(days) if days else row["date_closed"]
        found["date_closed_timestamp"] = close_timestamp(found["date_closed"])
        found["sales_stage"] = stage_of(stages)
        found["probability"] = round(sum(line["probability"] or 0 for line in lines) / len(lines))
        found["commit_stage"] = commit_stage(found["probability"])
    return found


def sales_status(stages: list[str], closed: int) -> str:
    """Closed only when every line is; won if one of them is."""
    if stages and closed == len(stages):
        return WON if WON in stages else LOST
    return "In Progress" if closed or any(s != _ORDER[0] for s in stages) else "New"


def stage_of(stages: list[str]) -> str:
    """The latest stage of the open lines; of closed ones, won wins."""
    still_open = [s for s in stages if s not in CLOSED]
    if still_open:
        return max(still_open, key=lambda s: _ORDER.index(s) if s in _ORDER else -1)
    return WON if WON in stages else LOST


def bundle_sums(site: Site, row: Row) -> Row:
    """A bundle's totals over its products, its shipping and its quote's tax rate."""
    if row["quote_id"]:
        site.dirty["Quotes"][row["quote_id"]] = None
    products = site.tables["Products"].find("bundle_id", row["id"])
    quote = site.tables["Quotes"].rows.get(row["quote_id"] or "")
    rate = site.tables["TaxRates"].rows.get((quote["taxrate_id"] if quote else row["taxrate_id"]) or "")
    percent = (rate["value"] if rate else None) or ZERO
    subtotal = sum((converted(p["subtotal"], p, row) for p in products), ZERO)
    deal = sum((converted(discount(p), p, row) for p in products), ZERO)
    taxable = sum((converted(p["total_amount"], p, row) for p in products if p["tax_class"] == "Taxable"), ZERO)
    tax = (taxable * percent / HUNDRED).quantize(SIX)
    return totals(subtotal, deal, tax, row["shipping"] or ZERO)


def quote_sums(site: Site, row: Row) -> Row:
    """A quote's totals over its bundles."""
    bundles = site.tables["ProductBundles"].find("quote_id", row["id"])

    def add(name: str) -> Decimal:
        return sum((converted(b[name], b, row) for b in bundles), ZERO)

    shipping = add("shipping")
    return {**totals(add("subtotal"), add("deal_tot"), add("tax"), shipping), "shipping": shipping}


def totals(subtotal: Decimal, deal: Decimal, tax: Decimal, shipping: Decimal) -> Row:
    """The figures at the foot of a bundle or quote."""
    after = subtotal - deal
    return {
        "subtotal": subtotal,
        "deal_tot": deal,
        "deal_tot_discount_percentage": (deal / subtotal * HUNDRED).quantize(SIX) if subtotal else ZERO,
        "new_sub": after,
        "tax": tax,
        "total": after + tax + shipping,
    }


SUMS: dict[str, Callable[[Site, Row], Row]] = {  # from the inside out
    "ProductBundles": bundle_sums,
    "Quotes": quote_sums,
    "Opportunities": opportunity_sums,
}
