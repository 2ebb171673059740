"""What a Web Logic Hook sends: unsigned, late, in no order; a hint, after which the record is read."""

from __future__ import annotations

import hashlib
import json

from app.connectors.base import Notice, Ref
from app.errors import Rejected


def read(path_rest: str, body: bytes) -> Notice:
    """The notice of `<Module>/<event>` below our address. Raises Rejected for what no hook of ours sends.

    There is no id of a delivery: the digest of all that came stands for it, so that an equal one counts once.
    """
    module, _, event = path_rest.strip("/").partition("/")
    if not module.isalnum() or event not in ("after_save", "after_delete"):
        raise Rejected("This is no address of ours.", code="UNKNOWN_HOOK")
    try:
        content = json.loads(body)
    except ValueError:
        raise Rejected("The body is no JSON.", code="BAD_BODY") from None
    data = content.get("data") if isinstance(content, dict) else None
    record = data.get("id") if isinstance(data, dict) else None
    if not isinstance(record, str) or not record:
        raise Rejected("The body names no record.", code="BAD_BODY")
    digest = hashlib.sha256(b"\0".join((module.encode(), event.encode(), body))).hexdigest()
    by = str(data.get("modified_user_id") or "") if isinstance(data, dict) and event == "after_save" else ""
    return Notice(digest, f"{module} {event}", (Ref(module, record),), body=body.decode(errors="replace"), by=by)
