"""Names behind the ids on other records: channels, customer groups, categories; read once, and only when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from app.connectors.base import Payload
from app.connectors.bigcommerce.client import PAGE, Client
from app.connectors.bigcommerce.windows import lists
from app.domain.category import Category
from app.errors import Misconfigured, NotFound, Reauthorize
from app.log import get_logger

CATEGORIES = "/v3/catalog/trees/categories"
DEFAULT_CHANNEL = "1"  # the first storefront; that an order came from there needs no telling

log = get_logger()


class Names:
    """What one connector has learned; a name that the store does not let us read is empty, and keeps nothing back."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._channels: dict[str, str] | None = None
        self._groups: dict[str, str] | None = None
        self.categories = Categories(client)

    def channel(self, channel_id: str) -> str:
        """A channel's name; the default storefront has none, so that an order reads alike in any company."""
        if channel_id == DEFAULT_CHANNEL:
            return ""
        if self._channels is None:
            self._channels = self._named(lambda: self._client.rows_v3("/v3/channels", {}))
        return self._channels.get(channel_id, "")

    def group(self, group_id: str) -> str:
        """A customer group's name."""
        if not group_id:
            return ""
        if self._groups is None:
            pages = self._client.pages_v2
            self._groups = self._named(lambda: (row for rows in pages("/v2/customer_groups", {}) for row in rows))
        return self._groups.get(group_id, "")

    def _named(self, read: Callable[[], Iterable[Payload]]) -> dict[str, str]:
        try:
            return {str(row["id"]): str(row.get("name") or "") for row in read()}
        except (Misconfigured, Reauthorize, NotFound) as error:  # a plan or a token without this list
            log.warning("names", code=error.code)
            return {}


class Categories:
    """The category tree, as far as it was needed: all of it where it fits one page, else by level."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._rows: dict[int, Payload] = {}
        self._is_begun = self._is_whole = False

    def load(self, ids: Iterable[int], *, fresh: bool = False) -> None:
        """Know these categories and all above them; `fresh`: as they are now."""
        wanted = {number for number in ids if number}
        if fresh:
            self._rows, self._is_begun = {}, False
        if wanted and not self._is_begun:
            self._begin()
        asked: set[int] = set()
        while not self._is_whole and (missing := self._missing(wanted) - asked):
            asked |= missing
            for part in lists(sorted(missing), most=PAGE):
                self._keep(self._client.rows_v3(CATEGORIES, {"category_id:in": part}))

    def _begin(self) -> None:
        body = self._client.get(CATEGORIES, {"limit": PAGE, "page": 1}) or {}
        self._keep(body.get("data") or ())
        self._is_whole = (body.get("meta") or {}).get("pagination", {}).get("total_pages", 1) <= 1
        self._is_begun = True

    def _keep(self, rows: Iterable[Payload]) -> None:
        self._rows.update((int(row["category_id"]), row) for row in rows)

    def _missing(self, wanted: Iterable[int]) -> set[int]:
        missing = set()
        for number in wanted:
            for step in self._way_up(number):
                if step not in self._rows:
                    missing.add(step)
        return missing

    def _way_up(self, number: int) -> Iterator[int]:
        """The category and those above it, up to the first that is not known."""
        seen: set[int] = set()
        while number and number not in seen:
            seen.add(number)
            yield number
            number = int(self._rows.get(number, {}).get("parent_id") or 0)

    def get(self, number: int) -> Category | None:
        """A category that was loaded; None: there is none."""
        if number not in self._rows:
            return None
        steps = [self._rows[step] for step in self._way_up(number) if step in self._rows]
        return Category(
            id=str(number),
            name=str(steps[0].get("name") or ""),
            ancestors=tuple((str(row["category_id"]), str(row.get("name") or "")) for row in reversed(steps[1:])),
            active=bool(steps[0].get("is_visible", True)),
        )
