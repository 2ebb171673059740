"""Everything around a busy store breaks and nothing is lost; and what is lost or doubled by hand is seen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from app.chaos.checking import Verdict, compare, expected
from app.chaos.crms import CRMS, Crm
from app.chaos.plan import Blow, Kind, plan
from app.chaos.shop import Shop
from app.sandbox.catalogue import SANDBOXES
from tests.e2e.conftest import build_bridge
from tests.e2e.crms import CRMS as RECORDS
from tests.sandbox.conftest import serving

ROOT = Path(__file__).parents[2]
EVENTS, SEED = 120, 11


def test_three_hundred_events_while_everything_breaks() -> None:
    command = [
        sys.executable, "-m", "app.cli", "chaos", "--events", "300", "--seed", "3", "--workers", "2", "--minutes", "4",
        "--json", "--port-offset", "1600",
    ]  # fmt: skip
    environment = {name: value for name, value in os.environ.items() if not name.startswith("STORELINE_")}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=290)
    assert done.stdout.strip(), done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert done.returncode == 0, (figures, done.stderr)
    assert (figures["events"], figures["lost"], figures["doubled"], figures["dead"]) == (300, 0, 0, 0)
    assert figures["blows"]["workers killed"] >= 3
    assert {blow.value for blow in Blow} - {Blow.DROP_HOOKS.value} == figures["blows"].keys()
    assert figures["restarts"] >= 4
    assert figures["faulted_calls"] > 0
    assert figures["webhooks"]["delivered"] > figures["events"]


@contextmanager
def synced(vendor: str, sqlite_url: str, redis_url: str) -> Iterator[tuple[Shop, Crm, str]]:
    """A store after some events, in step with one CRM; nothing breaks."""
    store, (create_app, crm_of) = SANDBOXES["bigcommerce"].create_app, RECORDS[vendor]
    with serving(store, limits=False) as store_url, serving(create_app, limits=False) as crm_url:
        crm_of(crm_url).furnish()
        bridge = build_bridge(sqlite_url, redis_url, store_url, crm_url, vendor)
        shop = Shop(store_url)
        for event in plan(EVENTS, SEED).events:
            if event.kind is not Kind.EDIT_CONTACT:
                shop.do(event)
        for kind, ids in (("customer", shop.customers), ("order", shop.orders)):
            for number in ids.values():
                bridge.notice(kind, number, f"{kind}-{number}")
        bridge.flush()
        yield shop, CRMS[vendor](crm_url), crm_url
        bridge.runtime.database.close()


@pytest.mark.parametrize("vendor", sorted(CRMS))
def test_a_store_in_step_is_told_as_such_by_every_crms_own_records(
    vendor: str, sqlite_url: str, redis_url: str
) -> None:
    with synced(vendor, sqlite_url, redis_url) as (shop, crm, _):
        wanted = expected(shop)
        assert len(wanted.sales) == len(shop.orders) > 30
        assert len(wanted.people) == len(shop.customers) > 5
        assert any(sale.net is None for sale in wanted.sales)
        assert compare(wanted, crm) == Verdict((), ())
        assert crm.call(shop.email(0), "+44 20 00004711")
        assert not crm.call("nobody@shop.example", "+44 20 00004711")
        assert [words.partition(" is ")[0] for words in compare(wanted, crm).lost] == [shop.email(0)]
        found = compare(expected(shop, {shop.email(0): "+44 20 00004711"}), crm)
        assert [words.partition(" in ")[2] for words in found.lost] == ["the store, +44 20 00004711 was typed in a CRM"]


def test_an_order_lost_and_a_contact_doubled_by_hand_are_seen(sqlite_url: str, redis_url: str) -> None:
    with synced("salesforce", sqlite_url, redis_url) as (shop, crm, url):
        wanted = expected(shop)
        token = requests.post(
            f"{url}/services/oauth2/token",
            data={
                "grant_type": "password", "client_id": "sandbox-client", "client_secret": "sandbox-secret",
                "username": "admin@sandbox.example", "password": "sandbox-password",
            }, timeout=30,
        ).json()["access_token"]  # fmt: skip
        headers = {"Authorization": f"Bearer {token}", "Sforce-Duplicate-Rule-Header": "allowSave=true"}
        data = f"{url}/services/data/v66.0/sobjects"
        rows = requests.get(f"{url}/_sandbox/records/Order", timeout=30).json()
        order = next(row for row in rows if row["BC_Net__c"])
        if order["Status"] != "Draft":
            body = {"Status": "Draft"}
            requests.patch(f"{data}/Order/{order['Id']}", json=body, headers=headers, timeout=30).raise_for_status()
        requests.delete(f"{data}/Order/{order['Id']}", headers=headers, timeout=30).raise_for_status()
        twin = {"LastName": "Twin", "Email": shop.email(1).upper()}
        requests.post(f"{data}/Contact", json=twin, headers=headers, timeout=30).raise_for_status()
        found = compare(wanted, crm)
        number = order["BC_Order_Id__c"].removeprefix("sandbox1-")
        assert f"order {number} is not there" in found.lost
        assert found.doubled == (f"{shop.email(1)} is there 2 times",)
