"""Panels inside the records of the CRMs: one entry per CRM over shared, CRM-neutral pages."""

from flask import Flask

from crm_widgets import panel, salesforce


def register(app: Flask) -> None:
    """Add the panels' routes to the app."""
    app.register_blueprint(panel.blueprint)
    app.register_blueprint(salesforce.blueprint)
