"""`/receipts/<code>`: what became of a store's data after it was uninstalled, for whoever was given the address."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template

from app.runtime import runtime
from app.sync import receipts
from app.ui import headers
from app.ui.session import public

blueprint = Blueprint("receipt", __name__)
public(blueprint, "the code in the address is the key, and the page holds no personal data")


@blueprint.get(f"{receipts.PATH}/<string:code>")
def receipt(code: str) -> Response:
    """The receipt as it stands today, or that there is none (yet)."""
    with runtime().database.reading() as session:
        found = receipts.find(session, code)
    if found is None:
        page = render_template(
            "error.html",
            title="No receipt here yet",
            message="There will be one at this address once the store that it was shown to has uninstalled Storeline.",
            advice="Until then its data are kept. If the address was typed by hand, compare it again.",
        )
        return headers.secure(make_response(page, 404), ancestors="'none'")
    page = render_template(
        "bigcommerce/receipt.html", receipt=found, words=receipts.words(found), rows=sorted(found.counts.items())
    )
    return headers.secure(make_response(page), ancestors="'none'")
