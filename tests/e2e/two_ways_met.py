"""The two-way run in a CRM where people worked before us: contacts of theirs, companies, merges, what is restored."""

from __future__ import annotations

import json
from collections import Counter

from app.api.transitions import apply_switches
from app.connectors.base import Ref
from app.models import Connection, Link
from tests.e2e.two_ways import CUSTOMERS, TwoWays

MET = 6  # of the store's customers are people of the CRM already
CORPORATE = {"company": "Globex Corporation", "street_1": "1 Plaza", "city": "Springfield", "postal_code": "97477"}
CLERK = "clerk@globex.example"


class Met(TwoWays):
    """Half of the customers are known to the people of the CRM, by the same address and another name or phone."""

    def begin(self) -> None:
        """They have been at work for a while; then the store is connected, and somebody of a company registers."""
        self.typed: dict[str, dict[str, str]] = {}  # contact -> what people typed
        for number in range(MET):
            values = {"first_name": "Direct", "last_name": f"Line{number}", "phone": f"0800 {number}"}
            made = self.crm.make({**values, "email": f"pat{number}@shop.example"})
            self.typed[made] = values
        self.account, self.contact = self.crm.employ(CLERK, CORPORATE)
        self.corporate = self._row(self.account)
        self.clerk = 0
        super().begin()
        self.clerk = self.store.register(CLERK, self._name())
        self.come_to_rest()

    def _make(self) -> None:
        """Whom people enter stays there: those who are met are those who register."""
        self._register()

    def met(self) -> dict[str, Link]:
        """The links to the people who were there before, by their id."""
        return {link.their_id: link for link in self.links() if link.kind == "customer" and link.their_id in self.typed}

    def words_of(self, contact: str) -> dict[str, str]:
        """A contact in our names."""
        kind = self.crm.kinds["customer"]
        row = self._row(Ref(kind, contact))
        return {name: row[self.crm.names[kind][name]] or "" for name in ("first_name", "last_name", "phone")}

    def _row(self, ref: Ref) -> dict[str, str]:
        rows = self.crm.rows(ref.kind)
        return next(row for row in rows if ref.id in (row.get("Id"), row.get("id"), row.get("ObjectID")))

    def leaked(self) -> list[str]:
        """What of the company's own the store holds, and what of the company's the CRM has no more."""
        here = json.dumps(self.store.everything()) + json.dumps(self.store.rows("customer_addresses"))
        now = self._row(self.account)
        own = [name for name, text in self.corporate.items() if text in CORPORATE.values()]
        return [text for text in CORPORATE.values() if text in here] + [
            name for name in own if now[name] != self.corporate[name]
        ]

    def strays(self) -> list[str]:
        """The clerk is a contact, which SAP has apart from its customers."""
        return [one for one in super().strays() if one != f"store {self.clerk}"]

    def switch(self, *, on: bool) -> None:
        """Edits of customers come back, or come back no more."""
        with self.bridge.runtime.database.transaction() as session:
            connection = session.get_one(Connection, self.bridge.connection_id)
            apply_switches(session, connection, {"customer_edits": on})

    def merge_accounts(self) -> None:
        """People merge the accounts of two customers, whose contacts stay two; SAP has no accounts of persons."""
        if "account" not in self.crm.kinds:
            return
        here = set(self.customers) - self.gone_there
        own = [one for one in self.links() if one.kind == "account" and one.children != ["adopted"]]
        loser, winner = [one for one in own if one.our_id.isdigit() and int(one.our_id) in here][-2:]
        self.crm.merge(winner.their_kind, winner.their_id, loser.their_id)
        self.edits += 1

    def shared(self) -> list[str]:
        """Accounts that two customers write: each would write its own over the other's."""
        own = [link.their_id for link in self.links() if link.kind == "account" and link.children != ["adopted"]]
        return [one for one, number in Counter(own).items() if number > 1]

    def delete_and_restore(self) -> int | None:
        """A contact of somebody who never bought is deleted and, once we know, brought back; whose it is."""
        links = [link for link in self.links() if link.kind == "customer" and link.their_id not in self.typed]
        link = next(one for one in links if int(one.our_id) not in self.buyers and int(one.our_id) in self.customers)
        ref = Ref(link.their_kind, link.their_id)
        self.crm.delete(ref)
        self.come_to_rest()
        if not self.crm.restore(ref):
            return None
        self.come_to_rest()
        return int(link.our_id)

    def _some_link(
        self, kinds: tuple[str, ...] = ("customer", "customer", "account", "variant", "order")
    ) -> Link | None:
        """Accounts that are somebody else's are not for this run's people to merge, nor is the clerk."""
        for _ in range(CUSTOMERS):
            link = super()._some_link(kinds)
            if link is None or (link.our_id != str(self.clerk) and link.children != ["adopted"]):
                return link
        return None
