"""Web Logic Hooks: made and removed over REST, which only administrators may."""

from __future__ import annotations

from app.connectors.base import Ref
from app.connectors.sugarcrm.client import Client, Request, filtered
from app.connectors.sugarcrm.facts import Facts, Row
from app.connectors.sugarcrm.schema import ACCOUNTS, CONTACTS, LEADS, OPPORTUNITIES, TEMPLATES
from app.errors import Misconfigured, StorelineError

MODULE = "WebLogicHooks"
NAME = "Storeline"
FOLLOWED = (CONTACTS, ACCOUNTS, LEADS, TEMPLATES, OPPORTUNITIES)
EVENTS = ("after_save", "after_delete")
DENIED = (
    "SugarCRM lets only administrators make Web Logic Hooks, and the connected user is none. Changes are found by "
    "asking every few minutes instead."
)


def subscribe(client: Client, address: str, facts: Facts) -> str:
    """A hook per module and event at `<address>/<Module>/<event>`; ours that lead elsewhere go. A problem in words."""
    wanted = {
        f"{address}/{module}/{event}": (module, event)
        for module in FOLLOWED
        if module in facts.modules
        for event in EVENTS
    }
    try:
        ours = _ours(client, facts)
        there = {str(row["url"]) for row in ours}
        stale = [row for row in ours if row["url"] not in wanted]
        requests = [Request("DELETE", f"{MODULE}/{row['id']}") for row in stale]
        requests += [_creation(url, *what, facts) for url, what in wanted.items() if url not in there]
        errors = [answer.error for answer in client.many(requests) if answer.error is not None]
    except Misconfigured:
        return DENIED
    if any(isinstance(error, Misconfigured) for error in errors):
        return DENIED
    return errors[0].message if errors else ""


def unsubscribe(client: Client, address: str, facts: Facts) -> None:
    """Remove ours that lead to this address."""
    try:
        ours = [row for row in _ours(client, facts) if str(row["url"]).startswith(address)]
        client.many([Request("DELETE", f"{MODULE}/{row['id']}") for row in ours])
    except Misconfigured:
        return  # who may not see hooks has made none


def page(address: str, ref: Ref) -> str:
    """Where a record is looked at."""
    return f"{address.rstrip('/')}/#{ref.kind}/{ref.id}"


def _name(facts: Facts) -> str:
    return f"{NAME} {facts.store}"  # stores that share an instance leave each other's alone


def _ours(client: Client, facts: Facts) -> list[Row]:
    try:
        return list(client.rows(filtered(MODULE, [{"name": _name(facts)}], ("id", "name", "url"))))
    except Misconfigured:
        raise
    except StorelineError as error:
        raise Misconfigured(error.message, code=error.code) if error.status in (403, 404) else error from None


def _creation(url: str, module: str, event: str, facts: Facts) -> Request:
    body = {
        "name": _name(facts),
        "webhook_target_module": module,
        "request_method": "POST",
        "url": url,
        "trigger_event": event,
        "description": "Tells Storeline that a record changed.",
    }
    return Request("POST", MODULE, body)
