"""`/api/connections/<id>/package`: what an administrator installs in the CRM so that the panel shows there."""

from __future__ import annotations

from flask import Blueprint, Response, g
from sqlalchemy import select

from app.api.limits import ID
from app.api.problems import refuse
from app.models import Connection
from app.models.store import COLLECTING
from app.runtime import runtime
from app.ui import session
from crm_widgets.sugarcrm_package import package

VENDOR = "sugarcrm"

blueprint = Blueprint("panel_downloads", __name__)
session.require(blueprint, session.SETTINGS)


@blueprint.get(f"/api/connections/<{ID}:connection_id>/package")
def download(connection_id: int) -> Response:
    """The package with this connection's secret in it; application/zip."""
    with runtime().database.reading() as reading:
        found = reading.scalar(
            select(Connection.id).where(
                Connection.id == connection_id,
                Connection.store_id == g.session.store_id,
                Connection.vendor == VENDOR,
                Connection.state.in_(COLLECTING),
            )
        )
    if found is None:
        refuse(404, "There is no connected CRM with a package of this number in this store.")
    answer = Response(package(runtime(), connection_id), mimetype="application/zip")
    answer.headers["Content-Disposition"] = 'attachment; filename="storeline-sugarcrm.zip"'
    answer.headers["Cache-Control"] = "no-store"  # it holds a secret
    return answer
