"""What the Tooling API creates for events: channels, their members, platform events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.sandbox.salesforce.api import Answer, Call
from app.sandbox.salesforce.errors import ApiError, not_found
from app.sandbox.salesforce.events.platform import define
from app.sandbox.salesforce.ids import make_id, to_18

Record = dict[str, Any]


def _channel(call: Call, name: str, meta: Record) -> str:
    namespace = call.org.switches.namespace
    if namespace and not name.startswith(f"{namespace}__"):
        name = f"{namespace}__{name}"
    return call.org.feeds.add_channel(name, str(meta.get("channelType") or "data"), str(meta.get("label") or name)).id


def _member(call: Call, name: str, meta: Record) -> str:
    enriched = [str(one.get("name") if isinstance(one, dict) else one) for one in meta.get("enrichedFields") or ()]
    channel, selected = str(meta.get("eventChannel")), str(meta.get("selectedEntity"))
    return call.org.feeds.add_member(call.org.schema, name, channel, selected, enriched).id


def _object(call: Call, name: str, meta: Record) -> str:
    if not name.endswith("__e"):
        raise ApiError("INVALID_TYPE", "the stand-in creates platform events only: their names end in __e")
    behavior = str(meta.get("publishBehavior") or "PublishAfterCommit")
    made = define(call.org, name, str(meta.get("label") or name), behavior, [])
    return make_id("01I", call.org.schema.extra.index(made) + 1)


CREATORS: dict[str, Callable[[Call, str, Record], str]] = {
    "platformeventchannel": _channel,
    "platformeventchannelmember": _member,
    "customobject": _object,
}


def create(call: Call, kind: str) -> Answer:
    """Create from FullName and Metadata."""
    body = call.mapping()
    name, meta = body.get("FullName"), body.get("Metadata")
    missing = [what for what, given in (("FullName", name), ("Metadata", meta)) if not given]
    if missing or not isinstance(meta, dict):
        raise ApiError("REQUIRED_FIELD_MISSING", f"Required fields are missing: {missing}", missing)
    made = CREATORS[kind](call, str(name), meta)
    return Answer(201, {"id": made, "success": True, "errors": [], "warnings": [], "infos": []})


def remove(call: Call, record_id: str) -> Answer:
    """Delete a channel or a member."""
    if not call.org.feeds.remove(to_18(record_id) or ""):
        raise not_found()
    return Answer(204)


def channels(call: Call) -> list[Record]:
    """All custom channels as Tooling records."""
    return [
        {
            "Id": channel.id,
            "DeveloperName": channel.name.removesuffix("__chn"),
            "MasterLabel": channel.label,
            "ChannelType": channel.type,
            "FullName": channel.name,
            "Metadata": {"channelType": channel.type, "label": channel.label},
        }
        for channel in call.org.feeds.channels.values()
    ]


def members(call: Call) -> list[Record]:
    """All members of custom channels."""
    return [
        {
            "Id": member.id,
            "DeveloperName": member.name,
            "EventChannel": channel.name,
            "SelectedEntity": member.selected,
            "FullName": member.name,
            "Metadata": {
                "eventChannel": channel.name,
                "selectedEntity": member.selected,
                "enrichedFields": [{"name": name} for name in member.enriched],
            },
        }
        for channel in call.org.feeds.channels.values()
        for member in channel.members.values()
    ]


def objects(call: Call) -> list[Record]:
    """All objects the org defined itself."""
    return [
        {
            "Id": make_id("01I", at),
            "DeveloperName": made.name.removesuffix("__e"),
            "FullName": made.name,
            "Metadata": {"label": made.label},
        }
        for at, made in enumerate(call.org.schema.extra, 1)
    ]
