"""A stand-in org over HTTP, and the connector opened on it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from app.config import Settings
from app.connectors.access import Account, Authorization
from app.connectors.base import Key, Known, Outcome, Preparation, Write
from app.connectors.salesforce.auth import SalesforceAuthorizer
from app.connectors.salesforce.connector import Salesforce
from app.domain import Record

USER, PASSWORD = "admin@sandbox.example", "sandbox-password"
REP = "rita.rep@sandbox.example"  # somebody else than the user that we are
STORE = "s1"  # what every external id of its records begins with
CALLBACK = "http://localhost:8000/oauth/salesforce/callback"
SWITCHES = {"orders": True, "customers": True, "products": True, "opportunities": False}
Json = Any


def token_of(url: str, username: str) -> str:
    """An access token of one of the org's people."""
    form = {
        "grant_type": "password", "username": username, "password": PASSWORD, "client_id": "sandbox-client",
        "client_secret": "sandbox-secret",
    }  # fmt: skip
    answer = requests.post(f"{url}/services/oauth2/token", data=form, timeout=30)
    return str(answer.json()["access_token"])


@dataclass
class Org:
    """One org: what a test does to it, and what it finds in it."""

    url: str
    links: dict[Key, Known] = field(default_factory=dict)  # what the engine would remember
    switches: dict[str, bool] = field(default_factory=lambda: dict(SWITCHES))
    facts: dict[str, Any] = field(default_factory=dict)
    namespace: str = ""
    store: str = STORE
    renewals: int = 0
    refresh_token: str = ""
    target: Salesforce | None = None

    @property
    def settings(self) -> Settings:
        return Settings(salesforce_login_url=self.url, salesforce_namespace=self.namespace)

    def authorize(self, decision: str = "approve") -> str:
        """Log in as a person does on the login page; the address that the browser is sent back to."""
        authorization = self.authorization
        page = SalesforceAuthorizer(self.settings).authorize_url(authorization)
        form = {"username": USER, "password": PASSWORD, "decision": decision}
        answer = requests.post(page, data=form, allow_redirects=False, timeout=10)
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    @property
    def authorization(self) -> Authorization:
        return Authorization(CALLBACK, "the-state", "v" * 64)

    def connect(self) -> Preparation:
        """Authorise through the real flow, prepare the org, open the connector with what was found."""
        [code] = parse_qs(urlsplit(self.authorize()).query)["code"]
        grant = SalesforceAuthorizer(self.settings).exchange(self.authorization, code)
        assert grant.refresh_token
        self.refresh_token = grant.refresh_token
        self.account = Account(
            access_token=grant.access_token,
            account_id=grant.account_id,
            store=self.store,
            instance_url=grant.instance_url,
            currency="GBP",
            switches=self.switches,
            renew=self.renew,
        )
        preparation = Salesforce(self.settings, self.account).prepare()
        self.facts = dict(preparation.facts)
        self.open()
        self.forget_calls()
        return preparation

    def open(self) -> Salesforce:
        """The connector, with the facts and switches as they are."""
        self.account = replace(self.account, facts=self.facts, switches=self.switches)
        self.target = Salesforce(self.settings, self.account)
        return self.target

    def other(self, store: str) -> Org:
        """The same org as another store's connection has it."""
        account = replace(self.account, store=store)
        other = replace(self, store=store, links={}, target=None)
        other.account = account
        other.open()
        return other

    def renew(self, refused: str) -> str:
        self.renewals += 1
        grant = SalesforceAuthorizer(self.settings).refresh(self.refresh_token, "production", self.url)
        self.refresh_token = grant.refresh_token or self.refresh_token
        return grant.access_token

    def write(self, *records: Record, attempt: int = 1) -> list[Outcome]:
        """One upsert_many as the engine does it: with the links of what each record refers to."""
        assert self.target is not None
        writes = [self.as_write(record, attempt) for record in records]
        outcomes = self.target.upsert_many(writes)
        for outcome in outcomes:
            self.links.update(outcome.made)
        return outcomes

    def as_write(self, record: Record, attempt: int = 1) -> Write:
        assert self.target is not None
        keys = ((record.kind, record.id), *self.target.refers_to(record))
        return Write(record.kind, record.id, record, {k: self.links[k] for k in keys if k in self.links}, attempt)

    def gone(self, kind: str, record_id: str) -> Outcome:
        """A record that is no more in the store, with what the engine knows of it then."""
        assert self.target is not None
        keys = ((kind, record_id), *self.target.refers_to_gone(kind, record_id))
        known = {key: self.links[key] for key in keys if key in self.links}
        [outcome] = self.target.upsert_many([Write(kind, record_id, None, known)])
        return outcome

    def rows(self, name: str) -> list[Json]:
        """All records of an object."""
        answer = requests.get(f"{self.url}/_sandbox/records/{name}", timeout=10)
        rows: list[Json] = answer.json()
        return rows

    def row(self, name: str, **values: Any) -> Json:
        """The only record with these values."""
        [found] = [row for row in self.rows(name) if all(row[key] == value for key, value in values.items())]
        return found

    def make(self, name: str, **values: Any) -> str:
        """A record that somebody there made."""
        return str(self.api("POST", f"/sobjects/{name}", values)["id"])

    def api(self, method: str, path: str, body: Json = None) -> Json:
        """A call as another client of the org."""
        headers = {
            "Authorization": f"Bearer {self.account.access_token}",
            "Sforce-Duplicate-Rule-Header": "allowSave=true",
        }
        answer = requests.request(
            method, f"{self.url}/services/data/v66.0{path}", json=body, headers=headers, timeout=10
        )
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def control(self, path: str, **body: Any) -> None:
        """A switch of the stand-in."""
        assert requests.post(f"{self.url}/_sandbox/{path}", json=body, timeout=10).ok

    def forget_calls(self) -> None:
        requests.delete(f"{self.url}/_sandbox/calls", timeout=10)

    def calls(self) -> list[str]:
        """The data API calls since the last look."""
        found = requests.get(f"{self.url}/_sandbox/calls", timeout=10).json()["calls"]
        self.forget_calls()
        return [f"{call['method']} {call['path'].partition('/v66.0')[2]}" for call in found]
