"""A stand-in tenant over HTTP, and the connector opened on it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import requests

from app.config import Settings
from app.connectors.access import Account
from app.connectors.base import Key, Known, Outcome, Preparation, Write
from app.connectors.sap_sales_cloud.auth import SapAuthorizer
from app.connectors.sap_sales_cloud.connector import SapSalesCloud
from app.domain import Record

USER, PASSWORD = "sandbox", "sandbox-password"
STORE = "s1"  # what every external id of its records begins with
SERVICE = "/sap/c4c/odata/v1/c4codataapi/"
SWITCHES = {option.name: option.default for option in SapSalesCloud.options}
Json = Any


@dataclass
class Tenant:
    """One tenant: what a test does to it, and what it finds in it."""

    url: str
    links: dict[Key, Known] = field(default_factory=dict)  # what the engine would remember
    switches: dict[str, bool] = field(default_factory=lambda: dict(SWITCHES))
    facts: dict[str, Any] = field(default_factory=dict)
    store: str = STORE
    area: str = ""  # sales area
    target: SapSalesCloud | None = None

    @property
    def settings(self) -> Settings:
        return Settings(allow_private_hosts="1", sap_sales_area=self.area)

    @property
    def sap(self) -> SapSalesCloud:
        assert self.target is not None
        return self.target

    def connect(self, username: str = USER) -> Preparation:
        """Sign in through the form, prepare the tenant, open the connector with what was found."""
        form = {"url": self.url, "username": username, "password": PASSWORD}
        grant = SapAuthorizer(self.settings).sign_in(form)
        self.account = Account(
            access_token=grant.access_token,
            account_id=grant.account_id,
            store=self.store,
            instance_url=grant.instance_url,
            currency="GBP",
            switches=self.switches,
        )
        preparation = self.prepare()
        self.forget_calls()
        return preparation

    def prepare(self) -> Preparation:
        """What the engine does when it connects or checks again."""
        preparation = SapSalesCloud(self.settings, self.account).prepare()
        self.facts = dict(preparation.facts)
        self.open()
        return preparation

    def open(self, **switches: bool) -> SapSalesCloud:
        """The connector, with the facts and switches as they are."""
        self.switches.update(switches)
        self.account = replace(self.account, facts=self.facts, switches=self.switches)
        self.target = SapSalesCloud(self.settings, self.account)
        return self.target

    def write(self, *records: Record, attempt: int = 1, **more: Any) -> list[Outcome]:
        """One upsert_many as the engine does it: with the links of what each record refers to."""
        outcomes = self.sap.upsert_many([self.as_write(record, attempt, **more) for record in records])
        for outcome in outcomes:
            self.links.update(outcome.made)
            for key in outcome.gone:
                self.links.pop(key, None)
        return outcomes

    def as_write(self, record: Record, attempt: int = 1, **more: Any) -> Write:
        keys = ((record.kind, record.id), *self.sap.refers_to(record))
        known = {k: self.links[k] for k in keys if k in self.links}
        return Write(record.kind, record.id, record, known, attempt, **more)

    def gone(self, kind: str, record_id: str) -> Outcome:
        """A record that is no more in the store, with what the engine knows of it then."""
        keys = ((kind, record_id), *self.sap.refers_to_gone(kind, record_id))
        known = {key: self.links[key] for key in keys if key in self.links}
        [outcome] = self.sap.upsert_many([Write(kind, record_id, None, known)])
        return outcome

    def rows(self, name: str) -> list[Json]:
        """All records of an entity, but for the products that are ours."""
        answer = requests.get(f"{self.url}/_sandbox/records/{name}", timeout=10)
        rows: list[Json] = answer.json()
        return [
            row for row in rows if not str(row.get("ProductID") or "").startswith("STORELINE-") or "Quantity" in row
        ]

    def row(self, name: str, **values: Any) -> Json:
        """The only record with these values."""
        [found] = [row for row in self.rows(name) if all(row[key] == value for key, value in values.items())]
        return found

    def items(self, order_id: object = None) -> dict[str, Json]:
        """The items of an order by our key, of the only order by default."""
        order = self.row("CustomerOrder") if order_id is None else self.row("CustomerOrder", BuyerID=f"s1-{order_id}")
        rows = [row for row in self.rows("CustomerOrderItem") if row["ParentObjectID"] == order["ObjectID"]]
        assert len({row["BuyerID"] for row in rows}) == len(rows)
        return {row["BuyerID"]: row for row in rows}

    def make(self, entity: str, **values: Any) -> Json:
        """A record that somebody there made."""
        return self.api("POST", f"{entity}Collection", values)["d"]["results"]

    def edit(self, entity: str, object_id: str, **values: Any) -> None:
        """What somebody there changed."""
        self.api("PATCH", f"{entity}Collection('{object_id}')", values)

    def api(self, method: str, path: str, body: Json = None) -> Json:
        """A call as a person of the tenant."""
        with requests.Session() as session:
            session.auth = ("mike", PASSWORD)
            root = self.url + SERVICE
            token = session.get(root, headers={"x-csrf-token": "fetch"}, timeout=10).headers.get("x-csrf-token", "")
            headers = {"x-csrf-token": token, "Accept": "application/json"}
            answer = session.request(method, root + path, json=body, headers=headers, timeout=10)
        assert answer.ok, answer.text
        self.forget_calls()
        return answer.json() if answer.content else None

    def control(self, path: str, **body: Any) -> Json:
        """A switch of the stand-in."""
        answer = requests.post(f"{self.url}/_sandbox/{path}", json=body, timeout=10)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def forget_calls(self) -> None:
        requests.delete(f"{self.url}/_sandbox/calls", timeout=10)

    def calls(self) -> list[str]:
        """The data API calls since the last look."""
        found = requests.get(f"{self.url}/_sandbox/calls", timeout=10).json()["calls"]
        self.forget_calls()
        return [f"{call['method']} {call['path'].partition(SERVICE)[2]}" for call in found]
