"""Price books and opportunities: standard price first, one entry per currency, sums of lines, stages."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from app.sandbox.salesforce.dml import AFTER, AFTER_DELETE, BEFORE, BEFORE_DELETE, Writer, changed
from app.sandbox.salesforce.errors import ApiError
from app.sandbox.salesforce.objects_sales import STAGES
from app.sandbox.salesforce.rules_orders import CENT, ZERO, integrity
from app.sandbox.salesforce.store import Row

PROBABILITY = dict(zip(STAGES, (10, 10, 20, 50, 60, 70, 75, 90, 100, 0), strict=True))


def before_entry(writer: Writer, old: Row | None, new: Row) -> None:
    """The standard price comes first, and each book has one entry per product and currency."""
    product = writer.db.get(new["Product2Id"]) or {}
    new["Name"], new["ProductCode"] = product.get("Name"), product.get("ProductCode")
    siblings = [
        e for e in writer.db.children("PricebookEntry", "Product2Id", new["Product2Id"]) if e["Id"] != new["Id"]
    ]
    same = [e for e in siblings if e.get("CurrencyIsoCode") == new.get("CurrencyIsoCode")]
    standard = _standard_price(writer, same)
    book = writer.db.get(new["Pricebook2Id"]) or {}
    if old is None:
        if any(e["Pricebook2Id"] == new["Pricebook2Id"] for e in same):
            raise ApiError("DUPLICATE_VALUE", "This price definition already exists in this price book", [])
        if not book.get("IsStandard") and standard is None:
            raise ApiError("STANDARD_PRICE_NOT_DEFINED", "Before creating a custom price, create a standard price.", [])
    _use_standard_price(old, new, standard)
    if new["UnitPrice"] < 0 and not writer.org.switches.negative_prices:
        message = f"List Price: value outside of valid range on numeric field: {new['UnitPrice']}"
        raise ApiError("NUMBER_OUTSIDE_VALID_RANGE", message, ["UnitPrice"])


def _standard_price(writer: Writer, entries: list[Row]) -> Row | None:
    return next((e for e in entries if (writer.db.get(e["Pricebook2Id"]) or {}).get("IsStandard")), None)


def _use_standard_price(old: Row | None, new: Row, standard: Row | None) -> None:
    if not new.get("UseStandardPrice"):
        return
    if old is not None and old.get("UseStandardPrice") and "UnitPrice" in changed(old, new):
        raise integrity("UnitPrice can't be set while UseStandardPrice is true", "UnitPrice")
    if standard is not None:
        new["UnitPrice"] = standard["UnitPrice"]


def before_delete_entry(writer: Writer, row: Row) -> None:
    """An entry in use stays."""
    for sobject in ("OrderItem", "OpportunityLineItem"):
        if writer.db.children(sobject, "PricebookEntryId", row["Id"]):
            raise ApiError("DELETE_FAILED", f"The price book entry is used by records of {sobject}.", [])


def after_product(writer: Writer, old: Row | None, new: Row) -> None:
    """Entries show the product's name and code."""
    if old is not None and changed(old, new) & {"Name", "ProductCode"}:
        for entry in writer.db.children("PricebookEntry", "Product2Id", new["Id"]):
            writer.set(entry, Name=new["Name"], ProductCode=new.get("ProductCode"))


def before_opportunity(writer: Writer, old: Row | None, new: Row) -> None:
    """Stage decides probability and whether it is closed; lines decide the amount."""
    stage = new["StageName"]
    if old is None or old["StageName"] != stage:
        new["IsClosed"] = stage.startswith("Closed")
        new["IsWon"] = stage == "Closed Won"
        if old is None and new.get("Probability") is not None:
            pass
        elif stage in PROBABILITY:
            new["Probability"] = Decimal(PROBABILITY[stage])
        new["ForecastCategoryName"] = "Closed" if new["IsWon"] else "Omitted" if new["IsClosed"] else "Pipeline"
    if old is not None and old.get("HasOpportunityLineItem"):
        new["Amount"] = old.get("Amount")  # a written amount is ignored once there are products
        if "Pricebook2Id" in changed(old, new):
            raise integrity("the opportunity has products of another price book", "Pricebook2Id")
    new["ExpectedRevenue"] = _expected(new)


def _expected(row: Row) -> Decimal | None:
    if row.get("Amount") is None:
        return None
    share: Decimal = row["Amount"] * (row.get("Probability") or ZERO) / 100
    return share.quantize(CENT, ROUND_HALF_UP)


def before_line(writer: Writer, old: Row | None, new: Row) -> None:
    """A line of the opportunity's price book; price and total follow from each other."""
    if old is None:
        _new_line(writer, new)
    quantity: Decimal = new["Quantity"]
    if quantity == 0:
        raise integrity("Quantity can't be zero", "Quantity")
    by_total = "TotalPrice" in changed(old, new) and new.get("TotalPrice") is not None
    if by_total and (old is None or "UnitPrice" not in changed(old, new)):
        new["UnitPrice"] = (new["TotalPrice"] / quantity).quantize(CENT, ROUND_HALF_UP)
    else:
        new["TotalPrice"] = (new["UnitPrice"] * quantity).quantize(CENT, ROUND_HALF_UP)


def _new_line(writer: Writer, new: Row) -> None:
    opportunity = writer.db.get(new["OpportunityId"]) or {}
    entry = writer.db.get(new.get("PricebookEntryId"))
    if entry is None:
        raise integrity("unknown or missing price book entry", "PricebookEntryId")
    if opportunity.get("Pricebook2Id") not in (None, entry["Pricebook2Id"]):
        raise integrity("pricebook entry is not in the opportunity's price book", "PricebookEntryId")
    if not entry.get("IsActive"):
        raise integrity("pricebook entry is inactive", "PricebookEntryId")
    if (new.get("UnitPrice") is None) == (new.get("TotalPrice") is None):
        message = "Specify either UnitPrice or TotalPrice, not both"
        raise ApiError("REQUIRED_FIELD_MISSING", message, ["UnitPrice", "TotalPrice"])
    new["Product2Id"], new["ProductCode"] = entry["Product2Id"], entry.get("ProductCode")
    new["ListPrice"] = entry["UnitPrice"]
    new["Name"] = f"{opportunity.get('Name')} {entry.get('Name')}"


def after_line(writer: Writer, old: Row | None, new: Row) -> None:
    """The opportunity's amount is the sum of its lines."""
    before = old["TotalPrice"] if old else ZERO
    opportunity = writer.db.get(new["OpportunityId"])
    if opportunity is None:
        return
    first = not opportunity.get("HasOpportunityLineItem")
    amount = (ZERO if first else opportunity.get("Amount") or ZERO) + new["TotalPrice"] - before
    entry = writer.db.get(new["PricebookEntryId"]) or {}
    _set_amount(writer, opportunity, amount, True, opportunity.get("Pricebook2Id") or entry.get("Pricebook2Id"))


def after_delete_line(writer: Writer, row: Row) -> None:
    """The amount without the line; the last one leaves the amount open to edits."""
    opportunity = writer.db.get(row["OpportunityId"])
    if opportunity is not None:
        left = bool(writer.db.children("OpportunityLineItem", "OpportunityId", row["OpportunityId"]))
        amount = (opportunity.get("Amount") or ZERO) - row["TotalPrice"]
        _set_amount(writer, opportunity, amount, left, opportunity.get("Pricebook2Id"))


def _set_amount(writer: Writer, opportunity: Row, amount: Decimal, has_lines: bool, book: str | None) -> None:
    new = {**opportunity, "Amount": amount}
    writer.set(
        opportunity,
        Amount=amount,
        HasOpportunityLineItem=has_lines,
        Pricebook2Id=book,
        ExpectedRevenue=_expected(new),
    )


BEFORE["PricebookEntry"] = [before_entry]
BEFORE_DELETE["PricebookEntry"] = [before_delete_entry]
AFTER["Product2"] = [after_product]
BEFORE["Opportunity"] = [before_opportunity]
BEFORE["OpportunityLineItem"] = [before_line]
AFTER["OpportunityLineItem"] = [after_line]
AFTER_DELETE["OpportunityLineItem"] = [after_delete_line]
