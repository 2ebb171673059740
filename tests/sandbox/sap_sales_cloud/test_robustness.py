"""What nobody should send, and whole objects sent back as they were read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sandbox.sap_sales_cloud.conftest import OWNER, ROOT, Client, basic

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(
    ["BuyerPartyID", "CurrencyCode", "PriceDateTime", "SubmitForApproval", "CustomerOrderItem", "NetAmount", "ID"]
)

OPTIONS = ("filter", "orderby", "expand", "select", "search", "skiptoken")


def sample(sap: Client) -> dict[str, dict[str, Any]]:
    """A row of each object, with children."""
    account = sap.account(City="Bonn", CountryCode="DE", OwnerID="E1000", Phone="0228 1")
    contact = sap.contact(AccountID=account["AccountID"], Email="a@b.example")
    order = sap.order(
        {"NetAmount": "1", "TaxAmount": "0.2"},
        BuyerPartyID=account["AccountID"],
        BuyerContactPartyID=contact["ContactID"],
    )
    party = {"MainAccountPartyID": account["AccountID"], "MainContactPartyID": contact["ContactID"]}
    return {
        "CorporateAccount": account,
        "Contact": contact,
        "CustomerOrder": order,
        "Opportunity": sap.opportunity(ProbabilityPercent="10", ExpectedRevenueAmount="5"),
        "Lead": sap.make("LeadCollection", Name="x", AccountPartyID=account["AccountID"], OwnerPartyID=OWNER),
        "Tasks": sap.make("TasksCollection", Subject="x", ProcessorPartyID=OWNER, **party),
        "ServiceRequest": sap.make("ServiceRequestCollection", Name="x", BuyerPartyID=account["AccountID"]),
        "Product": sap.stored("Product")[0],
        "CustomerOrderItem": sap.stored("CustomerOrderItem")[0],
        "CustomerOrderParty": sap.stored("CustomerOrderParty")[0],
        "IndividualCustomer": sap.make("IndividualCustomerCollection", RoleCode="CRM000", LastName="Smith"),
    }  # fmt: skip


def test_an_object_sent_back_as_read_is_taken(sap: Client) -> None:
    for entity, row in sample(sap).items():
        path = f"{entity}Collection('{row['ObjectID']}')"
        read = sap.get(path)
        answer = sap.call("PATCH", path, read)
        assert answer.status_code == 204, f"{entity}: {answer.text}"
        moving = {"ETag", "EntityLastChangedOn", "ChangedOn", "LastChangeDateTime", "LastChangedOn", "LastChangeDate"}
        after = sap.get(path)
        assert {k: v for k, v in after.items() if k not in moving | {"__metadata"}} == {
            k: v for k, v in read.items() if k not in moving | {"__metadata"}
        }, entity


def test_every_entity_reads_as_atom(sap: Client) -> None:
    for entity in sample(sap):
        answer = sap.call("GET", f"{entity}Collection", Accept="*/*")
        assert answer.status_code == 200 and "<m:properties>" in answer.text, entity


def test_a_sent_amount_is_kept_whatever_price_times_quantity_says(sap: Client) -> None:
    sap.order({"NetPriceAmount": "10", "Quantity": "1", "NetAmount": "9"})
    (item,) = sap.stored("CustomerOrderItem")
    changed = sap.changed("CustomerOrderItemCollection", item, Quantity="2", NetAmount="9")
    assert changed["NetAmount"] == "9.000000"


def test_the_currency_of_an_order_is_that_of_its_items(sap: Client) -> None:
    order = sap.order({"NetAmount": "9"})
    assert sap.changed("CustomerOrderCollection", order, CurrencyCode="EUR")["NetAmountCurrencyCode"] == "EUR"
    assert sap.stored("CustomerOrderItem")[0]["NetAmountCurrencyCode"] == "EUR"


@pytest.fixture(scope="module")
def shared() -> Client:
    client = Client()
    client.product()
    return client


@settings(max_examples=150, deadline=None)
@given(body=st.dictionaries(NAMES | st.text(max_size=8), JSON, max_size=5) | JSON)
def test_no_body_breaks_it(shared: Client, body: Any) -> None:
    for accept in ("application/json", "*/*"):
        sent = {"Authorization": basic("sandbox"), "Accept": accept, "Content-Type": "application/json"}
        answer = shared.http.post(ROOT + "CustomerOrderCollection", data=json.dumps(body), headers=sent)
        assert answer.status_code in (201, 400), answer.text
    assert shared.stored("CustomerOrder") == []


@settings(max_examples=200, deadline=None)
@given(text=st.text(alphabet="Name()eqorand'* ,ID5.guid\\\0é", max_size=25), option=st.sampled_from(OPTIONS))
def test_no_query_breaks_it(shared: Client, text: str, option: str) -> None:
    answer = shared.http.get(
        ROOT + "ProductCollection", query_string={f"${option}": text}, headers={"Authorization": basic("sandbox")}
    )
    assert answer.status_code in (200, 400), answer.text


@pytest.mark.parametrize(
    "value",
    ["/Date(99999999999999999)/", "/Date(-99999999999999999)/", "2026-13-01T00:00:00", "x", "", 5, True, [], "\ud800"],
)
def test_moments_that_are_none(shared: Client, value: Any) -> None:
    body = json.dumps({"Subject": "x", "StartDateTime": value})
    for accept in ("application/json", "*/*"):
        sent = {"Authorization": basic("sandbox"), "Accept": accept, "Content-Type": "application/json"}
        assert shared.http.post(ROOT + "TasksCollection", data=body, headers=sent).status_code == 400


def test_half_a_surrogate_pair_is_refused(shared: Client) -> None:
    sent = {"Authorization": basic("sandbox"), "Content-Type": "application/json"}
    answer = shared.http.post(ROOT + "TasksCollection", data='{"Subject": "\\ud800"}', headers=sent)
    assert answer.status_code == 400
    answer = shared.http.post(
        ROOT + "TasksCollection", data='{"\\ud800": "x"}', headers={**sent, "Accept": "application/atom+xml"}
    )  # fmt: skip
    assert answer.status_code == 400 and answer.mimetype == "application/xml"


def test_keys_with_marks_are_reached_by_their_own_address(sap: Client) -> None:
    row = sap.ask("BusinessUserBusinessRoleAssignmentCollection", "UserID eq 'MIKE'")[0]
    assert row["ObjectID"].endswith("SALES_REP_#$IBR$#_41")
    path = row["__metadata"]["uri"].removeprefix("http://localhost")
    assert "#" not in path and sap.get(path)["BusinessRoleID"] == "SALES_REP"


def test_leads_pad_numeric_product_ids(sap: Client) -> None:
    sap.product("4711")
    lead = sap.make("LeadCollection", Name="x", LeadItem=[{"ProductID": "4711"}])
    (item,) = sap.ask("LeadItemCollection", f"LeadID eq '{lead['ID']}'")
    assert item["ProductID"] == "4711".zfill(60)
    sap.changed("LeadItemCollection", item, Quantity="2")
    sap.product("0012")
    assert sap.call("POST", "LeadItemCollection", {"LeadID": lead["ID"], "ProductID": "0012"}).status_code == 201
    order = sap.order({"ProductID": "4711", "NetAmount": "1"})
    assert sap.ask("CustomerOrderItemCollection", f"SalesOrderID eq '{order['ID']}'")[0]["ProductID"] == "4711"
