"""Which vendors there are: name → how to open an account and how to authorise one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.config import Settings
from app.connectors.base import Account, Authorizer, FormAuthorizer, FormField, Listener, Option, Source, Target
from app.connectors.bigcommerce.connector import BigCommerce
from app.connectors.salesforce.auth import SalesforceAuthorizer
from app.connectors.salesforce.connector import Salesforce

SOURCE = "bigcommerce"


@dataclass(frozen=True)
class Vendor:
    """A CRM that stores can be connected with; by a consent page (`authorizer`), else by a `form`."""

    name: str
    label: str
    options: tuple[Option, ...]
    target: Callable[[Settings, Account], Target]
    authorizer: Callable[[Settings], Authorizer] | None = None
    form: tuple[FormField, ...] = ()
    form_authorizer: Callable[[Settings], FormAuthorizer] | None = None
    listener: Callable[[Settings, Account], Listener] | None = None


VENDORS = {
    vendor.name: vendor
    for vendor in (Vendor(Salesforce.name, Salesforce.label, Salesforce.options, Salesforce, SalesforceAuthorizer),)
}


def source(settings: Settings, account: Account) -> Source:
    """The store's own end."""
    return BigCommerce(settings, account)
