"""The names of our custom fields: bare inside this connector, with the package's namespace on the wire."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_OURS = re.compile(r"\bBC_\w+__c\b")


@dataclass(frozen=True)
class Names:
    """Adds the namespace to names that go out, takes it off those that come in; values are left alone."""

    namespace: str = ""

    @property
    def prefix(self) -> str:
        return f"{self.namespace}__" if self.namespace else ""

    def text(self, words: str) -> str:
        """A path or a query with the names as Salesforce knows them."""
        return _OURS.sub(lambda found: self.prefix + found[0], words) if self.namespace else words

    def outward(self, value: Any) -> Any:
        """JSON with the names of its keys as Salesforce knows them."""
        return self._renamed(value, "BC_", self.prefix + "BC_") if self.namespace else value

    def inward(self, value: Any) -> Any:
        """JSON from Salesforce with the bare names."""
        return self._renamed(value, self.prefix + "BC_", "BC_") if self.namespace else value

    def _renamed(self, value: Any, old: str, new: str) -> Any:
        if isinstance(value, dict):
            return {
                new + key.removeprefix(old) if key.startswith(old) else key: self._renamed(item, old, new)
                for key, item in value.items()
            }
        return [self._renamed(item, old, new) for item in value] if isinstance(value, list) else value
