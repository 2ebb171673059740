"""What the server works out itself before a record is saved."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from app.sandbox.sugarcrm.dropdowns import STAGES
from app.sandbox.sugarcrm.fields import Module
from app.sandbox.sugarcrm.site import BASE_CURRENCY, Site
from app.sandbox.sugarcrm.store import Row
from app.sandbox.sugarcrm.values import SIX

ZERO = Decimal(0)
ONE = Decimal(1)
HUNDRED = Decimal(100)
LIKELY_TO_CLOSE = 70
FROM_TEMPLATE = (
    "name cost_price list_price discount_price category_id manufacturer_id type_id mft_part_num vendor_part_num "
    "tax_class weight website support_name support_contact support_description support_term"
).split()


@cache
def _twins(name: str, fields: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    found = []
    for one in fields:
        for twin in (f"{one}_usdollar", f"{one.removesuffix('_price')}_usdollar"):
            if twin in fields and twin != one:
                found.append((one, twin))
                break
    return tuple(found)


def derive(site: Site, module: Module, row: Row, given: Collection[str], new: bool) -> None:
    """Complete a row that is about to be saved, in place; `given` are the fields the caller sent."""
    if module.person:
        row["name"] = " ".join(part for part in (row["first_name"], row["last_name"]) if part) or None
    own = _OWN.get(module.name)
    if own:
        own(site, row, given, new)
    if module.currency:
        in_base_currency(site, module, row)


def in_base_currency(site: Site, module: Module, row: Row) -> None:
    """The rate as of the save, and the amounts in base currency."""
    rate = site.rate(row["currency_id"])
    if rate is None:
        row["currency_id"], rate = BASE_CURRENCY, ONE
    row["base_rate"] = rate.quantize(SIX)
    for name, twin in _twins(module.name, tuple(module.fields)):
        value = row[name]
        row[twin] = None if value is None else (value if rate == ONE else (value / rate).quantize(SIX))


def close_timestamp(day: str | None) -> int | None:
    """Seconds of the close date, as Sugar keeps it beside."""
    return int(datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC).timestamp()) if day else None


def commit_stage(probability: int | None) -> str:
    """Whether a deal of that probability is in the forecast."""
    return "include" if (probability or 0) >= LIKELY_TO_CLOSE else "exclude"


def discount(row: Row) -> Decimal:
    """What is taken off a line: an amount or a percentage of it."""
    amount: Decimal = row["discount_amount"] or ZERO
    if not row["discount_select"]:
        return amount
    return (subtotal(row) * amount / HUNDRED).quantize(SIX)


def subtotal(row: Row) -> Decimal:
    """Quantity times unit price."""
    found: Decimal = ((row["quantity"] or ZERO) * (row["discount_price"] or ZERO)).quantize(SIX)
    return found


def _copy_template(site: Site, row: Row, given: Collection[str]) -> None:
    template = site.tables["ProductTemplates"].rows.get(row["product_template_id"] or "")
    if template is None or "product_template_id" not in given:
        return
    rate = site.rate(row["currency_id"]) or ONE
    for name in FROM_TEMPLATE:
        if name in given or template[name] is None:
            continue
        value = template[name]
        if name.endswith("_price"):
            value = (value / template["base_rate"] * rate).quantize(SIX)
        row[name] = value


def _stage(row: Row, given: Collection[str], new: bool) -> None:
    if "probability" not in given and ("sales_stage" in given or new):
        row["probability"] = STAGES.get(row["sales_stage"] or "", row["probability"])
    if "commit_stage" not in given and ("sales_stage" in given or "probability" in given or new):
        row["commit_stage"] = commit_stage(row["probability"])
    row["date_closed_timestamp"] = close_timestamp(row["date_closed"])


def _line_item(site: Site, row: Row, given: Collection[str], new: bool) -> None:
    _copy_template(site, row, given)
    opportunity = site.tables["Opportunities"].rows.get(row["opportunity_id"] or "")
    if opportunity:
        row["account_id"] = opportunity["account_id"]
        if new and not row["date_closed"]:
            row["date_closed"] = opportunity["date_closed"]
    _stage(row, given, new)
    if row["discount_price"] is None and row["likely_case"] is not None and row["quantity"]:
        row["discount_price"] = (row["likely_case"] / row["quantity"]).quantize(SIX)
    if row["discount_price"] is not None:
        row["deal_calc"] = discount(row)
        row["total_amount"] = subtotal(row) - row["deal_calc"]
        if row["likely_case"] is None and site.switches.likely_from_price:
            row["likely_case"] = row["total_amount"]
    _cases(row, "likely_case", new)


def _cases(row: Row, likely: str, new: bool) -> None:
    for case in ("best_case", "worst_case"):
        if new and row[case] is None:
            row[case] = row[likely]


def _opportunity(site: Site, row: Row, given: Collection[str], new: bool) -> None:
    if site.schema.with_line_items:
        if new:
            row.update(amount=ZERO, best_case=ZERO, worst_case=ZERO)
        return
    _stage(row, given, new)
    _cases(row, "amount", new)


def _product(site: Site, row: Row, given: Collection[str], new: bool) -> None:
    _copy_template(site, row, given)
    bundle = site.tables["ProductBundles"].rows.get(row["bundle_id"] or "")
    if bundle and bundle["quote_id"]:
        row["quote_id"] = bundle["quote_id"]
    quote = site.tables["Quotes"].rows.get(row["quote_id"] or "")
    if quote:
        row["account_id"] = row["account_id"] or quote["billing_account_id"]
        row["opportunity_id"] = row["opportunity_id"] or quote["opportunity_id"]
    row["subtotal"] = subtotal(row)
    row["deal_calc"] = discount(row)
    row["total_amount"] = row["subtotal"] - row["deal_calc"]


def _template(site: Site, row: Row, given: Collection[str], new: bool) -> None:
    factor = (row["pricing_factor"] or ZERO) / HUNDRED
    cost, listed = row["cost_price"] or ZERO, row["list_price"] or ZERO
    formulas: dict[str, Callable[[], Decimal]] = {
        "ProfitMargin": lambda: cost / (ONE - factor) if factor != ONE else cost,
        "PercentageMarkup": lambda: cost * (ONE + factor),
        "PercentageDiscount": lambda: listed * (ONE - factor),
        "IsList": lambda: listed,
    }
    formula = formulas.get(row["pricing_formula"] or "")
    if formula:
        row["discount_price"] = formula().quantize(SIX)


def _quote(site: Site, row: Row, given: Collection[str], new: bool) -> None:
    if new:
        row["quote_num"] = site.next_number("Quotes")
    rate = site.tables["TaxRates"].rows.get(row["taxrate_id"] or "")
    row["taxrate_value"] = rate["value"] if rate else None


def _case(site: Site, row: Row, given: Collection[str], new: bool) -> None:
    if new:
        row["case_number"] = site.next_number("Cases")
    if row["status"] == "Closed" and row["resolved_datetime"] is None:
        row["resolved_datetime"] = site.now()


def _event(site: Site, row: Row, given: Collection[str], new: bool) -> None:
    if row["date_start"] is not None and "date_end" not in given:
        length = timedelta(hours=row["duration_hours"] or 0, minutes=row["duration_minutes"] or 0)
        row["date_end"] = row["date_start"] + length


def _tag(site: Site, row: Row, given: Collection[str], new: bool) -> None:
    row["name_lower"] = (row["name"] or "").lower()


def _document(site: Site, row: Row, given: Collection[str], new: bool) -> None:
    row["name"] = row["document_name"] or row["name"]


_OWN: dict[str, Callable[[Site, Row, Collection[str], bool], Any]] = {
    "RevenueLineItems": _line_item,
    "Opportunities": _opportunity,
    "Products": _product,
    "ProductTemplates": _template,
    "Quotes": _quote,
    "Cases": _case,
    "Calls": _event,
    "Meetings": _event,
    "Tags": _tag,
    "Documents": _document,
}
