"""Panels inside the records of the CRMs: one entry per CRM over shared, CRM-neutral pages."""

from flask import Flask

from app.runtime import EXTENSION
from crm_widgets import downloads, naming, panel, salesforce, sap_sales_cloud, sugarcrm


def register(app: Flask) -> None:
    """Add the panels' routes to the app."""
    app.extensions[naming.EXTENSION] = naming.Naming(app.extensions[EXTENSION])
    for part in (panel, salesforce, sugarcrm, sap_sales_cloud, downloads):
        app.register_blueprint(part.blueprint)
