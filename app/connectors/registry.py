"""Which vendors there are: name → how to open an account and how to authorise one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from app.config import Settings
from app.connectors.access import Account, Authorizer, FormAuthorizer, FormField
from app.connectors.base import Listener, Named, Notice, Option, Ref, Source, Target
from app.connectors.bigcommerce.connector import BigCommerce
from app.connectors.salesforce.auth import SalesforceAuthorizer
from app.connectors.salesforce.connector import Salesforce
from app.connectors.salesforce.culprits import fields_named as salesforce_fields
from app.connectors.salesforce.listener import SalesforceListener
from app.connectors.salesforce.pages import page as salesforce_page
from app.connectors.sap_sales_cloud.auth import FORM as SAP_FORM
from app.connectors.sap_sales_cloud.auth import SapAuthorizer
from app.connectors.sap_sales_cloud.connector import SapSalesCloud
from app.connectors.sap_sales_cloud.culprits import fields_named as sap_fields
from app.connectors.sap_sales_cloud.naming import named as named_in_sap
from app.connectors.sap_sales_cloud.notice import read as read_sap_notice
from app.connectors.sugarcrm.auth import FORM as SUGAR_FORM
from app.connectors.sugarcrm.auth import SugarAuthorizer
from app.connectors.sugarcrm.connector import SugarCrm
from app.connectors.sugarcrm.culprits import fields_named as sugar_fields
from app.connectors.sugarcrm.hooks import page as sugar_page
from app.connectors.sugarcrm.naming import named as named_in_sugar
from app.connectors.sugarcrm.notice import read as read_sugar_notice
from app.errors import Unsupported

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
    notice: Callable[[str, bytes], Notice] | None = None  # reads its webhook: what follows our address, and the body
    follows: Mapping[str, str] = field(default_factory=dict)  # kinds of theirs that come back -> the kind of our link
    fields_named: Callable[[str], tuple[str, ...]] = lambda theirs: ()  # our values that a field of theirs shows
    page: Callable[[str, Ref], str] | None = None  # the address of a record's page, from that of the instance
    named: Callable[[Settings, Account, Ref], Named | None] | None = None  # whom a record names; None: there is none
    at_once: int = 4  # flushes of one account that it bears at a time; each makes one call after the other
    tells_allowance: bool = False  # whether its answers say how many calls a day there are
    panel: str = ""  # what brings our panel there: "passes" of ours, a "package" to install; "": the app itself

    def consent(self, settings: Settings) -> Authorizer:
        """The vendor's consent page. Raises Unsupported if it has none."""
        if self.authorizer is None:
            raise Unsupported(f"{self.label} is connected by a form.")
        return self.authorizer(settings)

    def sign_in(self, settings: Settings) -> FormAuthorizer:
        """The sign-in by a form. Raises Unsupported for a vendor with a consent page."""
        if self.form_authorizer is None:
            raise Unsupported(f"{self.label} is connected on its own consent page.")
        return self.form_authorizer(settings)

    def keeper(self, settings: Settings) -> Authorizer | FormAuthorizer:
        """Whoever refreshes and revokes."""
        return self.consent(settings) if self.authorizer is not None else self.sign_in(settings)


VENDORS = {
    vendor.name: vendor
    for vendor in (
        Vendor(
            Salesforce.name,
            Salesforce.label,
            Salesforce.options,
            Salesforce,
            SalesforceAuthorizer,
            listener=SalesforceListener,
            follows=Salesforce.inward,
            fields_named=salesforce_fields,
            page=salesforce_page,
            tells_allowance=True,
        ),
        Vendor(
            SapSalesCloud.name,
            SapSalesCloud.label,
            SapSalesCloud.options,
            SapSalesCloud,
            form=SAP_FORM,
            form_authorizer=SapAuthorizer,
            notice=read_sap_notice,
            follows=SapSalesCloud.inward,
            fields_named=sap_fields,
            panel="passes",
            named=named_in_sap,
        ),
        Vendor(
            SugarCrm.name,
            SugarCrm.label,
            SugarCrm.options,
            SugarCrm,
            form=SUGAR_FORM,
            at_once=3,  # more of them meet in deadlocks
            form_authorizer=SugarAuthorizer,
            notice=read_sugar_notice,
            follows=SugarCrm.inward,
            fields_named=sugar_fields,
            page=sugar_page,
            panel="package",
            named=named_in_sugar,
        ),
    )
}


def source(settings: Settings, account: Account) -> Source:
    """The store's own end."""
    return BigCommerce(settings, account)
