"""What the tenant does by itself with opportunities, tickets, tasks and product lines."""

from __future__ import annotations

from decimal import Decimal

from app.sandbox.sap_sales_cloud import values
from app.sandbox.sap_sales_cloud.errors import bad
from app.sandbox.sap_sales_cloud.saving import Save, before, settling
from app.sandbox.sap_sales_cloud.store import Row

# Open 1, In Process 2, Stopped 3, Won 4, Lost 5
TRANSITIONS = {"1": "245", "2": "1453", "3": "245", "4": "2", "5": "2"}
ITEMS = ("OpportunityItem", "LeadItem", "CustomerOrderItem", "ServiceRequestItem")
COMPLETED = "3"
SOLD = "2"
TICKET_LIFE = {"1": "1", "2": "2", "3": "2", "4": "2", "5": "3", "6": "4"}
PADDED = 60  # leads show numeric product ids with leading zeros
HUNDRED = Decimal(100)


@before("Opportunity")
def check_transition(save: Save, old: Row | None, new: Row) -> None:
    """Only the transitions of the status life are possible."""
    before_it = (old or {}).get("LifeCycleStatusCode") or "1"
    after_it = new.get("LifeCycleStatusCode") or "1"
    free = save.system or not save.tenant.switches.opportunity_transitions
    if after_it != before_it and not free and after_it not in TRANSITIONS[before_it]:
        raise bad(f"The status of the opportunity cannot change from {before_it} to {after_it}")


@settling("Opportunity")
def sum_opportunity(save: Save, row: Row) -> None:
    """The items' sum, and the expected revenue weighted by its probability."""
    items = save.tenant.children("OpportunityItem", row)
    currency = row.get("ExpectedRevenueAmountCurrencyCode") or next(
        (one["ExpectedNetAmountCurrencyCode"] for one in items if one.get("ExpectedNetAmountCurrencyCode")), ""
    )
    total = sum((one.get("ExpectedNetAmount") or Decimal(0) for one in items), Decimal(0))
    weighted = (row.get("ExpectedRevenueAmount") or Decimal(0)) * (row.get("ProbabilityPercent") or Decimal(0))
    sums = {
        "TotalExpectedNetAmount": total,
        "TotalExpectedNetAmountAmountCurrencyCode": currency if items else "",
        "WeightedExpectedNetAmount": weighted / HUNDRED,
        "WeightedExpectedNetAmountCurrencyCode": row.get("ExpectedRevenueAmountCurrencyCode") or "",
    }
    save.tenant.table("Opportunity").put({**row, **sums})


@before(*ITEMS)
def check_product(save: Save, old: Row | None, new: Row) -> None:
    """A line's product exists, is not obsolete and, where the tenant checks it, is sold in the sales area."""
    product_id = new.get("ProductID") or new.get("ProductInternalID") or ""
    if "ProductInternalID" in new and not new.get("ProductID"):
        new["ProductID"] = product_id
    if not product_id or (old and old.get("ProductID") == product_id):
        return
    products = save.tenant.table("Product")
    product = products.first("ProductID", product_id)
    if product is None and product_id.isdigit():
        product = products.first("ProductID", product_id.lstrip("0"))
    if product is None:
        raise bad(f"Product {product_id} does not exist")
    if product.get("Status") == "4":
        raise bad(f"Product {product_id} is obsolete")
    if save.tenant.switches.sales_area_check:
        _check_sales_area(save, new, product)
    if not new.get("Description"):
        new["Description"] = product["Description"]
    if "LeadID" in new and product_id.isdigit():
        new["ProductID"] = product_id.zfill(PADDED)


def _check_sales_area(save: Save, item: Row, product: Row) -> None:
    for name in ("Opportunity", "CustomerOrder", "Lead"):
        header = save.tenant.table(name).rows.get(item["ParentObjectID"])
        area = header.get("SalesOrganisationID") if header else ""
        rows = save.tenant.children("ProductSalesProcessInformation", product)
        if area and not any(one["SalesOrganisationID"] == area and one["Status"] == SOLD for one in rows):
            raise bad(f"Product {product['ProductID']} is not sold in sales organization {area}")


@before("ServiceRequest")
def follow_ticket_status(save: Save, old: Row | None, new: Row) -> None:
    """The life cycle follows the user status, the order's UUID its number."""
    new["ServiceRequestLifeCycleStatusCode"] = TICKET_LIFE.get(new.get("ServiceRequestUserLifeCycleStatusCode") or "1")
    order_id = new.get("SalesOrderID")
    if order_id and (old or {}).get("SalesOrderID") != order_id:
        order = save.tenant.table("CustomerOrder").first("ID", order_id)
        if order is not None:
            new["SalesOrderUUID"] = values.guid(order["ObjectID"])


@before("ServiceRequestTextCollection")
def follow_text(save: Save, old: Row | None, new: Row) -> None:
    """The plain text is the formatted one, unless it was sent."""
    new["Text"] = new.get("Text") or new["FormattedText"]


@before("Tasks")
def follow_task_status(save: Save, old: Row | None, new: Row) -> None:
    """A completed task has a moment of completion and a hundred percent."""
    if new.get("Status") != COMPLETED:
        new["CompletionDateTime"] = None
    elif (old or {}).get("Status") != COMPLETED:
        new["CompletionDateTime"] = save.stamp
        new["CompletionPercent"] = HUNDRED
    _check_period(new, "StartDateTime", "DueDateTime")


@before("Appointment")
def check_appointment(save: Save, old: Row | None, new: Row) -> None:
    """It does not end before it begins."""
    _check_period(new, "StartDate", "EndDate")


def _check_period(row: Row, start: str, end: str) -> None:
    if row.get(start) and row.get(end) and row[end] < row[start]:
        raise bad(f"{end} lies before {start}")


@before("AppointmentInvolvedParties", "TasksInvolvedParties")
def number_involved(save: Save, old: Row | None, new: Row) -> None:
    """An involved party shows the activity's number."""
    new["ID"] = new.get("AppointmentID") or new.get("TaskID") or ""
