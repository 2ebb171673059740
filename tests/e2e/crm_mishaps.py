"""What people should not do to our orders in a CRM, and do: another price on a line, a record deleted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from tests.e2e.crm_people import PEOPLE, CrmPeople

LONG_AGO = "2020-05-17T09:00:00+00:00"
PRICE = "1.00"  # of the first line, whatever it was
Mishap = Callable[[CrmPeople, str], None]


def reprice(vendor: str, url: str, order_id: str) -> None:
    """The first line of an order of ours (its id there) gets another price."""
    REPRICE[vendor](PEOPLE[vendor](url), order_id)


def redate(vendor: str, url: str, order_id: str) -> None:
    """An order of ours gets a date of long ago."""
    REDATE[vendor](PEOPLE[vendor](url), order_id)


def remove(vendor: str, url: str, order_id: str) -> None:
    """An order of ours is deleted."""
    REMOVE[vendor](PEOPLE[vendor](url), order_id)


def _reprice_in_salesforce(people: CrmPeople, order_id: str) -> None:
    line = next(row for row in people.rows("OrderItem") if row["OrderId"] == order_id)
    people.control("org", edit_activated=True)
    people._api("PATCH", f"OrderItem/{line['Id']}", {"UnitPrice": float(PRICE)})  # type: ignore[attr-defined]  # each has one
    people.control("org", edit_activated=False)


def _reprice_in_sugarcrm(people: CrmPeople, order_id: str) -> None:
    line = next(row for row in people.rows("RevenueLineItems") if row["opportunity_id"] == order_id)
    body = {"quantity": "1", "discount_price": PRICE, "likely_case": PRICE, "best_case": PRICE, "worst_case": PRICE}
    people._api("PUT", f"RevenueLineItems/{line['id']}", body)  # type: ignore[attr-defined]  # as above


def _reprice_in_sap(people: CrmPeople, order_id: str) -> None:
    line = next(row for row in people.rows("CustomerOrderItem") if row["ParentObjectID"] == order_id)
    body = {"NetPriceAmount": PRICE}
    people._api("PATCH", f"CustomerOrderItemCollection('{line['ObjectID']}')", body)  # type: ignore[attr-defined]  # as above


def _redate_in_salesforce(people: CrmPeople, order_id: str) -> None:
    people.control("org", edit_activated=True)
    body = {"EffectiveDate": LONG_AGO[:10], "BC_Placed_At__c": LONG_AGO}
    people._api("PATCH", f"Order/{order_id}", body)  # type: ignore[attr-defined]  # as above
    people.control("org", edit_activated=False)


def _redate_in_sugarcrm(people: CrmPeople, order_id: str) -> None:
    people._api("PUT", f"Opportunities/{order_id}", {"bc_placed_at_c": LONG_AGO})  # type: ignore[attr-defined]  # as above


def _redate_in_sap(people: CrmPeople, order_id: str) -> None:
    body = {"DateTime": f"/Date({int(datetime.fromisoformat(LONG_AGO).timestamp()) * 1000})/"}
    people._api("PATCH", f"CustomerOrderCollection('{order_id}')", body)  # type: ignore[attr-defined]  # as above


def _remove_in_salesforce(people: CrmPeople, order_id: str) -> None:
    people._api("PATCH", f"Order/{order_id}", {"Status": "Draft"})  # type: ignore[attr-defined]  # as above
    people._api("DELETE", f"Order/{order_id}")  # type: ignore[attr-defined]  # as above


def _remove_in_sugarcrm(people: CrmPeople, order_id: str) -> None:
    people._api("DELETE", f"Opportunities/{order_id}")  # type: ignore[attr-defined]  # as above


def _remove_in_sap(people: CrmPeople, order_id: str) -> None:
    people._api("DELETE", f"CustomerOrderCollection('{order_id}')", None)  # type: ignore[attr-defined]  # as above


REPRICE: Mapping[str, Mishap] = {
    "salesforce": _reprice_in_salesforce,
    "sugarcrm": _reprice_in_sugarcrm,
    "sap-sales-cloud": _reprice_in_sap,
}
REDATE: Mapping[str, Mishap] = {
    "salesforce": _redate_in_salesforce,
    "sugarcrm": _redate_in_sugarcrm,
    "sap-sales-cloud": _redate_in_sap,
}
REMOVE: Mapping[str, Mishap] = {
    "salesforce": _remove_in_salesforce,
    "sugarcrm": _remove_in_sugarcrm,
    "sap-sales-cloud": _remove_in_sap,
}
