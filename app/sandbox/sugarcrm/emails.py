"""E-mail addresses: one shared table, whose flags count for every record that has the address."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from app.sandbox.sugarcrm.errors import invalid

Owner = tuple[str, str]  # module, id


@dataclass
class Address:
    """One address of the shared table."""

    id: str
    address: str
    opt_out: bool = False
    invalid: bool = False


def truth(value: Any) -> bool:
    """A flag as clients send it: true, 1, "1", "true"."""
    return value in (True, 1, "1", "true", "on")


class Addresses:
    """The shared table, and which record has which addresses; the primary one is named."""

    def __init__(self) -> None:
        self._by_text: dict[str, Address] = {}
        self._by_id: dict[str, Address] = {}
        self._owned: dict[Owner, dict[str, bool]] = {}  # address id → primary
        self._owners: dict[str, dict[Owner, None]] = defaultdict(dict)

    def of(self, owner: Owner) -> list[tuple[Address, bool]]:
        """The addresses of a record, each with whether it is the primary one."""
        return [(self._by_id[i], primary) for i, primary in self._owned.get(owner, {}).items()]

    def primary(self, owner: Owner) -> Address | None:
        """The primary address of a record."""
        return next((a for a, primary in self.of(owner) if primary), None)

    def holders(self, module: str, address: str) -> list[str]:
        """Ids of the module's records with that address, in any case."""
        known = self._by_text.get(address.strip().casefold())
        return [i for m, i in self._owners.get(known.id, ()) if m == module] if known else []

    def _need(self, text: str) -> Address:
        known = self._by_text.get(text.casefold())
        if known is None:
            known = Address(str(uuid.uuid4()), text)
            self._by_text[text.casefold()] = self._by_id[known.id] = known
        return known

    def replace(self, owner: Owner, rows: Iterable[Any]) -> None:
        """Give a record these addresses and no others; flags that are sent count everywhere. 422 for a bad one."""
        wanted: dict[str, bool] = {}
        for row in rows:
            given = row if isinstance(row, dict) else {"email_address": row}
            known = self._by_id.get(str(given.get("email_address_id")))
            text = str(given.get("email_address") or (known.address if known else "")).strip()
            if not text:
                continue
            if "@" not in text:
                raise invalid(f"Invalid email address: {text}")
            address = self._need(text)
            for flag, attribute in (("opt_out", "opt_out"), ("invalid_email", "invalid")):
                if given.get(flag) is not None:
                    setattr(address, attribute, truth(given[flag]))
            wanted[address.id] = truth(given.get("primary_address")) and True not in wanted.values()
        if wanted and True not in wanted.values():
            wanted[next(iter(wanted))] = True
        self._set(owner, wanted)

    def set_primary(self, owner: Owner, text: str) -> None:
        """What writing the old field email1 does: another primary address in place of the present one."""
        others = [{"email_address": a.address} for a, primary in self.of(owner) if not primary]
        self.replace(owner, [{"email_address": text, "primary_address": True}, *others])

    def flag_primary(self, owner: Owner, attribute: str, value: bool) -> None:
        """What writing the old fields email_opt_out and invalid_email does."""
        found = self.primary(owner)
        if found:
            setattr(found, attribute, value)

    def _set(self, owner: Owner, wanted: dict[str, bool]) -> None:
        for gone in self._owned.get(owner, {}).keys() - wanted.keys():
            self._owners[gone].pop(owner, None)
        for address_id in wanted:
            self._owners[address_id][owner] = None
        self._owned[owner] = wanted

    def forget(self, owner: Owner) -> None:
        """The record is gone."""
        self._set(owner, {})

    def show(self, owner: Owner) -> list[dict[str, Any]]:
        """The rows as the API shows them."""
        return [
            {
                "email_address": a.address,
                "primary_address": primary,
                "reply_to_address": False,
                "invalid_email": a.invalid,
                "opt_out": a.opt_out,
                "email_address_id": a.id,
            }
            for a, primary in self.of(owner)
        ]
