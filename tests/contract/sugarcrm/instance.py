"""A stand-in instance over HTTP, and the connector opened on it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import requests

from app.config import Settings
from app.connectors.access import Account
from app.connectors.base import Key, Known, Outcome, Preparation, Write
from app.connectors.sugarcrm.auth import SugarAuthorizer
from app.connectors.sugarcrm.connector import SugarCrm
from app.connectors.sugarcrm.schema import FIELDS
from app.domain import Record

PASSWORD = "sandbox-password"
STORE = "s1"  # what every key of its records begins with
REST = "/rest/v11_24"
SWITCHES = {option.name: option.default for option in SugarCrm.options}
STUDIO = {"TextField": "varchar", "Currency": "currency", "DateTime": "datetime"}
Json = Any


@dataclass
class Instance:
    """One instance: what a test does to it, and what it finds in it."""

    url: str
    user: str = "admin"
    store: str = STORE
    links: dict[Key, Known] = field(default_factory=dict)  # what the engine would remember
    gone: set[Key] = field(default_factory=set)
    switches: dict[str, bool] = field(default_factory=lambda: dict(SWITCHES))
    facts: dict[str, Any] = field(default_factory=dict)
    refresh_token: str = ""
    renewals: int = 0
    target: SugarCrm | None = None
    person: str = ""

    @property
    def settings(self) -> Settings:
        return Settings(allow_private_hosts="1")

    @property
    def form(self) -> dict[str, str]:
        return {"url": self.url, "username": self.user, "password": PASSWORD, "client_id": "sugar", "client_secret": ""}

    def connect(self) -> Preparation:
        """Sign in, look at the instance, open the connector with what was found."""
        grant = SugarAuthorizer(self.settings).sign_in(self.form)
        assert grant.refresh_token
        self.refresh_token = grant.refresh_token
        self.account = Account(
            access_token=grant.access_token,
            account_id=grant.account_id,
            store=self.store,
            instance_url=grant.instance_url,
            currency="USD",
            switches=self.switches,
            renew=self.renew,
        )
        preparation = SugarCrm(self.settings, self.account).prepare()
        self.facts = dict(preparation.facts)
        self.open()
        self.forget_calls()
        return preparation

    def open(self) -> SugarCrm:
        """The connector, with the facts and switches as they are."""
        self.account = replace(self.account, facts=self.facts, switches=self.switches)
        self.target = SugarCrm(self.settings, self.account)
        return self.target

    @property
    def crm(self) -> SugarCrm:
        assert self.target is not None
        return self.target

    def other(self, store: str) -> Instance:
        """The same instance as another store's connection has it."""
        other = replace(self, store=store, links={}, gone=set(), target=None)
        other.account = replace(self.account, store=store)
        other.open()
        return other

    def renew(self, refused: str) -> str:
        self.renewals += 1
        grant = SugarAuthorizer(self.settings).refresh(self.refresh_token, "production", self.url)
        self.refresh_token = grant.refresh_token or self.refresh_token
        return grant.access_token

    def write(self, *records: Record, attempt: int = 1) -> list[Outcome]:
        """One upsert_many as the engine does it: with the links of what each record refers to."""
        outcomes = self.crm.upsert_many([self.as_write(record, attempt) for record in records])
        for outcome in outcomes:
            self.links.update(outcome.made)
            self.gone |= outcome.gone
        return outcomes

    def good(self, *records: Record, attempt: int = 1) -> list[Outcome]:
        """The same where nothing may go wrong."""
        outcomes = self.write(*records, attempt=attempt)
        assert [outcome.error for outcome in outcomes] == [None] * len(records)
        return outcomes

    def as_write(self, record: Record, attempt: int = 1) -> Write:
        keys = ((record.kind, record.id), *self.crm.refers_to(record))
        known = {key: self.links[key] for key in keys if key in self.links and key not in self.gone}
        gone = frozenset(self.gone & set(keys))
        return Write(record.kind, record.id, record, known, attempt, gone)

    def archive(self, kind: str, record_id: str) -> Outcome:
        """A record that is no more in the store, with what the engine knows of it then."""
        keys = ((kind, record_id), *self.crm.refers_to_gone(kind, record_id))
        known = {key: self.links[key] for key in keys if key in self.links}
        [outcome] = self.crm.upsert_many([Write(kind, record_id, None, known)])
        self.links.update(outcome.made)
        return outcome

    def rows(self, name: str) -> list[Json]:
        """All live records of a module."""
        rows: list[Json] = requests.get(f"{self.url}/_sandbox/records/{name}", timeout=10).json()
        return rows

    def row(self, module: str, /, **values: Any) -> Json:
        """The only record with these values."""
        [found] = [row for row in self.rows(module) if all(row[key] == value for key, value in values.items())]
        return found

    def make(self, module: str, /, **values: Any) -> str:
        """A record that somebody there made."""
        return str(self.api("POST", f"/{module}", values)["id"])

    def api(self, method: str, path: str, body: Json = None, user: str = "admin") -> Json:
        """A call of somebody there, on a platform of their own."""
        headers = {"OAuth-Token": self._token(user)}
        answer = requests.request(method, f"{self.url}{REST}{path}", json=body, headers=headers, timeout=10)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def _token(self, user: str) -> str:
        form = {"grant_type": "password", "client_id": "sugar", "client_secret": "", "platform": "base"}
        answer = requests.post(
            f"{self.url}{REST}/oauth2/token", json={**form, "username": user, "password": PASSWORD}, timeout=10
        )
        return str(answer.json()["access_token"])

    def make_fields(self) -> None:
        """What an administrator does who follows our advice."""
        for one in FIELDS:
            self.control("fields", module=one.module, name=one.name, type=STUDIO[one.type])

    def control(self, path: str, **body: Any) -> Json:
        """A switch of the stand-in."""
        answer = requests.post(f"{self.url}/_sandbox/{path}", json=body, timeout=10)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def forget_calls(self) -> None:
        requests.delete(f"{self.url}/_sandbox/calls", timeout=10)

    def calls(self) -> list[str]:
        """The API calls since the last look."""
        found = requests.get(f"{self.url}/_sandbox/calls", timeout=10).json()["calls"]
        self.forget_calls()
        return [f"{call['method']} {call['path'].rpartition('/v11_10/')[2]}" for call in found]
