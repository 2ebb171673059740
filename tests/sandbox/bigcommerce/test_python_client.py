"""The official Python client, unchanged, against the stand-in."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from bigcommerce.api import BigcommerceApi
from bigcommerce.exception import ClientRequestException, RateLimitingException
from requests.adapters import HTTPAdapter

from app.sandbox.bigcommerce import create_app

from ..conftest import Serve
from .conftest import BILLING, TOKEN


class PlainHttp(HTTPAdapter):
    """The client speaks https only; its session's adapter takes the same request to the stand-in's http."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        request.url = (request.url or "").replace("https://", "http://", 1)
        return super().send(request, *args, **kwargs)


@pytest.fixture
def base(serve: Serve) -> str:
    """A stand-in."""
    return serve(create_app, limits=False)


def client(base: str, monkeypatch: pytest.MonkeyPatch, token: str | None = TOKEN) -> Any:
    """The client, pointed at the stand-in by its own environment variables."""
    host = urlsplit(base).netloc
    monkeypatch.setenv("BC_API_ENDPOINT", host)
    monkeypatch.setenv("BC_AUTH_SERVICE", host)
    api = BigcommerceApi(client_id="sandbox-client", store_hash="sandbox1", access_token=token)
    api.connection._session.mount("https://", PlainHttp())
    return api


def test_customers_with_addresses(base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    api = client(base, monkeypatch)
    created = api.Customers.create(first_name="Py", last_name="Thon", email="py@shopper.example")
    assert api.Customers.get(created.id).email == "py@shopper.example"
    assert created.update(company="Snakes").company == "Snakes"
    address = api.CustomerAddresses.create(
        created.id,
        first_name="Py",
        last_name="Thon",
        street_1="1 Road",
        city="Leeds",
        state="West Yorkshire",
        zip="LS1 1AA",
        country="United Kingdom",
    )
    assert (address.country_iso2, [row.id for row in created.addresses()]) == ("GB", [address.id])
    assert api.Customers.count() == 7
    created.delete()
    assert len(list(api.Customers.iterall())) == 6
    with pytest.raises(ClientRequestException):
        api.Customers.get(created.id)


def test_products(base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    api = client(base, monkeypatch)
    made = api.Products.create(name="Client Bell", type="physical", price="4.50", weight="1")
    assert api.Products.get(made.id).price == "4.5000"
    assert made.update(price="5").price == "5.0000"
    assert api.Products.count() == 13
    made.delete()
    assert api.Products.count() == 12


def test_orders_to_their_end(base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    api = client(base, monkeypatch)
    assert list(api.Orders.iterall()) == []
    order = api.Orders.create(billing_address=BILLING, products=[{"product_id": 1, "quantity": 2}])
    assert order.total_inc_tax == "17.9000"
    (line,) = order.products()
    (address,) = order.shipping_addresses()
    items = [{"order_product_id": line.id, "quantity": 2}]
    shipment = api.OrderShipments.create(order.id, order_address_id=address.id, items=items)
    assert [row.id for row in order.shipments()] == [shipment.id]
    assert api.Orders.get(order.id).status == "Shipped"
    assert order.update(status_id=10).status == "Completed"
    assert api.Orders.count() == 1
    order.delete()
    assert list(api.Orders.iterall()) == []
    assert len(api.OrderStatuses.all()) == 15


def test_hooks_store_and_time(base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    api = client(base, monkeypatch)
    hook = api.Webhooks.create(scope="store/order/*", destination="https://app.example/hook")
    assert [row.id for row in api.Webhooks.all()] == [hook.id]
    assert hook.update(is_active=False).is_active is False
    hook.delete()
    assert dict(api.Webhooks.all()).get("id") is None
    assert api.Store.all().id == "sandbox1"
    assert api.Time.all().time > 1_700_000_000
    assert [row.currency_code for row in api.Currencies.all()] == ["GBP", "USD", "EUR", "JPY", "KWD"]
    assert [row.name for row in api.CustomerGroups.all()] == ["Trade"]


def test_it_reads_the_limits_and_meets_them(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    base = serve(create_app)
    requests.post(f"{base}/_sandbox/plan", json={"quota": 2}, timeout=10)
    api = client(base, monkeypatch)
    api.Time.all()
    assert api.connection.rate_limit["requests_quota"] == 2
    assert api.connection.rate_limit["requests_remaining"] == 1
    api.Time.all()
    with pytest.raises(RateLimitingException) as refused:
        api.Time.all()
    assert 0 < int(refused.value.retry_after) <= 30_000


def test_it_fetches_a_token_and_verifies_the_load_callback(base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    callback = requests.post(f"{base}/_sandbox/install", json={}, timeout=10).json()["url"]
    sent = {name: values[0] for name, values in parse_qs(urlsplit(callback).query).items()}
    api = client(base, monkeypatch, token=None)
    redirect_uri = callback.partition("?")[0]
    reply = api.oauth_fetch_token("sandbox-secret", sent["code"], sent["context"], sent["scope"], redirect_uri)
    assert reply["context"] == "stores/sandbox1"
    assert api.Store.all().name == "Sandbox Gifts"
    load = requests.get(f"{base}/_sandbox/load_url", params={"user": "2"}, timeout=10).json()["url"]
    signed = parse_qs(urlsplit(load).query)["signed_payload_jwt"][0]
    content = BigcommerceApi.oauth_verify_payload_jwt(signed, "sandbox-secret", "sandbox-client")
    assert (content["sub"], content["user"]["id"]) == ("stores/sandbox1", 2)
