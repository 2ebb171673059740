"""The CRMs' own records of orders, read past every API and every line of ours, one small reader per CRM."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tests.e2e.crms import HASH, SalesforceOrg, SapTenant, SugarInstance
from tests.golden.shop import Owed

ZERO = Decimal(0)
CENT = Decimal("0.01")
Row = dict[str, Any]


@dataclass(frozen=True)
class Held:
    """An order there. `document` is what the CRM itself adds up of its lines, `lines` what we add up of them."""

    order_id: str
    currency: str
    gross: Decimal
    refunded: Decimal
    net: Decimal
    document: Decimal
    lines: Decimal
    is_sale: bool
    is_marked: bool  # as gone from the store


def in_salesforce(org: SalesforceOrg) -> list[Held]:
    """The order's total is gross; what is not a sale is a draft."""
    sums = _sums(org.rows("OrderItem"), "OrderId", "TotalPrice")
    return [
        Held(
            row["BC_Order_Id__c"].removeprefix(HASH), row["BC_Currency__c"], _amount(row["BC_Total__c"]),
            _amount(row["BC_Refunded__c"]), _amount(row["BC_Net__c"]), _amount(row["TotalAmount"]), sums[row["Id"]],
            row["Status"] == "Activated", bool(row["BC_Archived__c"]),
        )
        for row in org.rows("Order")
    ]  # fmt: skip


def in_sugar(instance: SugarInstance) -> list[Held]:
    """The opportunity's amount is the net, for refunds are line items; what is not a sale is open or lost."""
    codes = {row["id"]: row["iso4217"] for row in instance.rows("Currencies")}
    sums = _sums(instance.rows("RevenueLineItems"), "opportunity_id", "likely_case")
    return [
        Held(
            row["bc_order_id_c"], codes[row["currency_id"]], _amount(row["bc_gross_c"]), _amount(row["bc_refunded_c"]),
            _amount(row["amount"]), _amount(row["amount"]), sums[row["id"]],
            row["sales_stage"] == "Closed Won", row["bc_status_c"] == "Archived",
        )
        for row in instance.rows("Opportunities")
        if row["bc_order_id_c"]
    ]  # fmt: skip


def in_sap(tenant: SapTenant) -> list[Held]:
    """The order's gross amount is the net, for refunds are items; what was called off has a reason for it.

    A sales order that is yet to be paid cannot be told from one that is: SAP has no status for it that we may set.
    """
    sums = _sums(tenant.rows("CustomerOrderItem"), "ParentObjectID", "NetAmount")
    return [
        Held(
            row["BuyerID"].removeprefix(HASH), row["CurrencyCode"], _amount(row["BCTotal_KUT"]),
            _amount(row["BCRefunded_KUT"]), _amount(row["BCNet_KUT"]), _amount(row["GrossAmount"]),
            sums[row["ObjectID"]], not row["CancellationReasonCode"], row["BCStatus_KUT"] == "Archived",
        )
        for row in tenant.rows("CustomerOrder")
    ]  # fmt: skip


READERS: dict[str, Callable[[Any], list[Held]]] = {
    "salesforce": in_salesforce,
    "sugarcrm": in_sugar,
    "sap-sales-cloud": in_sap,
}


def wrongs(vendor: str, owed: Owed, held: Iterable[Held], *, is_due: bool) -> list[str]:
    """What is wrong with an order there, in words; `is_due`: it was more than a cart at some time."""
    records = list(held)
    if len(records) != is_due:
        return [f"{len(records)} records instead of {int(is_due)}"]
    return [words for record in records for words in _differences(vendor, owed, record)]


def _differences(vendor: str, owed: Owed, held: Held) -> Iterable[str]:
    is_off = owed.is_archived or owed.status_id in (5, 6)
    if held.currency != owed.currency:
        yield f"currency {held.currency} instead of {owed.currency}"
    if is_off or vendor != "sap-sales-cloud":
        yield from [] if held.is_sale == owed.is_sale else [f"sale: {held.is_sale} instead of {owed.is_sale}"]
    if held.is_marked != owed.is_archived:
        yield f"marked as gone: {held.is_marked} instead of {owed.is_archived}"
    if held.document != held.lines and not is_off:
        yield f"lines come to {held.lines}, the document to {held.document}"
    yield from _money(vendor, owed, held, is_off=is_off)


def _money(vendor: str, owed: Owed, held: Held, *, is_off: bool) -> Iterable[str]:
    for word, theirs, ours in (("gross", held.gross, owed.total), ("refunded", held.refunded, owed.refunded)):
        if theirs != ours:
            yield f"{word} {theirs} instead of {ours}"
    if is_off:  # what counts for nothing is told by its state; amounts remain as they were
        return
    if held.net != owed.net:
        yield f"net {held.net} instead of {owed.net}"
    document = owed.total if vendor == "salesforce" else owed.net
    # Salesforce's own price fields have two decimals: there a dinar's third is in the fields for it alone.
    slack = CENT if vendor == "salesforce" and document != document.quantize(CENT) else ZERO
    if abs(held.document - document) > slack:
        yield f"document total {held.document} instead of {document}"


def _sums(rows: Iterable[Row], parent: str, amount: str) -> defaultdict[str, Decimal]:
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        found[row[parent]] += _amount(row[amount])
    return found


def _amount(value: object) -> Decimal:
    return Decimal(str(value or 0))


def group(held: Iterable[Held]) -> dict[str, list[Held]]:
    """By our order id."""
    found: dict[str, list[Held]] = {}
    for one in held:
        found.setdefault(one.order_id, []).append(one)
    return found
