"""Which stand-ins there are, and their ports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask

from app.sandbox import bigcommerce, salesforce, sap_sales_cloud, sugarcrm
from app.sandbox.kit import Options


@dataclass(frozen=True)
class Sandbox:
    """One stand-in."""

    port: int
    create_app: Callable[[Options], Flask]


SANDBOXES = {
    "bigcommerce": Sandbox(9101, bigcommerce.create_app),
    "salesforce": Sandbox(9102, salesforce.create_app),
    "sugarcrm": Sandbox(9103, sugarcrm.create_app),
    "sap-sales-cloud": Sandbox(9104, sap_sales_cloud.create_app),
}
