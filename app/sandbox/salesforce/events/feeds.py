"""Which topics the org has, and which of them an object's events appear on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.sandbox.salesforce.errors import ApiError
from app.sandbox.salesforce.events.avro import Shape, header_schema, record_schema
from app.sandbox.salesforce.events.change_shape import ChangeShape, event_name
from app.sandbox.salesforce.events.platform_shape import EventShape
from app.sandbox.salesforce.fields import Field, SObject
from app.sandbox.salesforce.ids import make_id
from app.sandbox.salesforce.schema import Schema

ALL_CHANGES = "/data/ChangeEvents"
MOST_ENRICHED = 10
# objects that can be selected, here all by default; an org has five without the add-on, and none selected at first
CDC_ENTITIES = (
    "Account",
    "Contact",
    "Lead",
    "Case",
    "Task",
    "Event",
    "Campaign",
    "CampaignMember",
    "Product2",
    "Pricebook2",
    "PricebookEntry",
    "Opportunity",
    "OpportunityLineItem",
    "OpportunityContactRole",
    "Order",
    "OrderItem",
    "Contract",
    "Asset",
)


@dataclass
class Channel:
    """A custom channel: objects or platform events, each with the fields its events are enriched with."""

    id: str
    name: str  # Name__chn
    type: str  # data or event
    label: str
    members: dict[str, Member] = field(default_factory=dict)  # by object

    @property
    def topic(self) -> str:
        """Where to subscribe."""
        return f"/{self.type}/{self.name}"


@dataclass(frozen=True)
class Member:
    """One object selected on a channel."""

    id: str
    name: str
    selected: str  # AccountChangeEvent or Name__e
    enriched: tuple[str, ...]


@dataclass(frozen=True)
class Feed:
    """Where the events of one object go, and their schema."""

    shape: ChangeShape | EventShape
    topics: frozenset[str]
    enriched: Mapping[str, tuple[Field, ...]]  # by topic


@dataclass(frozen=True)
class Topic:
    """Something to subscribe to."""

    name: str
    shape: Shape
    can_publish: bool


class Feeds:
    """The channels of one org; what follows from schema and switches is kept until either changes."""

    def __init__(self) -> None:
        self.channels: dict[str, Channel] = {}
        self.made = 0
        self._feeds: dict[str, Feed | None] = {}

    def forget(self) -> None:
        """Schema, switches or channels have changed."""
        self._feeds.clear()

    def of(self, schema: Schema, selected: Sequence[str], entity: str) -> Feed | None:
        """Where the events of an object go; None: nowhere."""
        if entity not in self._feeds:
            sobject = schema.find(entity)
            self._feeds[entity] = self._feed(sobject, entity in selected) if sobject else None
        return self._feeds[entity]

    def _feed(self, sobject: SObject, is_selected: bool) -> Feed | None:
        is_event = sobject.name.endswith("__e")
        topics = {f"/event/{sobject.name}"} if is_event else set()
        if is_selected and not is_event:
            topics = {ALL_CHANGES, f"/data/{event_name(sobject.name)}"}
        enriched = {}
        for channel in self.channels.values():
            member = channel.members.get(sobject.name)
            if member is not None:
                topics.add(channel.topic)
                enriched[channel.topic] = tuple(sobject.fields[n] for n in member.enriched if n in sobject.fields)
        if not topics:
            return None
        return Feed(EventShape(sobject) if is_event else ChangeShape(sobject), frozenset(topics), enriched)

    def topic(self, schema: Schema, selected: Sequence[str], name: str) -> Topic | None:
        """The topic of that name; one of an object that is not selected exists, and stays silent."""
        if name == ALL_CHANGES:
            return Topic(name, Shape(record_schema("ChangeEvents", [header_schema()])), False)
        for channel in self.channels.values():
            if channel.topic == name:
                fields = [header_schema()] if channel.type == "data" else []
                return Topic(name, Shape(record_schema(channel.name, fields)), False)
        kind, _, event = name.strip("/").partition("/")
        for sobject in schema:
            if kind == "event" and event == sobject.name and event.endswith("__e"):
                return Topic(name, self._shape(schema, selected, sobject), True)
            if kind == "data" and event == event_name(sobject.name) and sobject.name in CDC_ENTITIES:
                return Topic(name, self._shape(schema, selected, sobject), False)
        return None

    def _shape(self, schema: Schema, selected: Sequence[str], sobject: SObject) -> Shape:
        feed = self.of(schema, selected, sobject.name)
        return feed.shape if feed else ChangeShape(sobject)

    def add_channel(self, name: str, kind: str, label: str) -> Channel:
        """A new custom channel."""
        if kind not in ("data", "event"):
            raise ApiError("FIELD_INTEGRITY_EXCEPTION", f"bad channelType: {kind}", ["ChannelType"])
        if not name.endswith("__chn"):
            raise ApiError("INVALID_FULL_NAME", f"a custom channel's name ends in __chn: {name}", ["FullName"])
        if name in self.channels:
            raise ApiError("DUPLICATE_DEVELOPER_NAME", f"There is already a channel {name}", ["DeveloperName"])
        self.made += 1
        self.channels[name] = Channel(make_id("0YL", self.made), name, kind, label)
        return self.channels[name]

    def add_member(
        self, schema: Schema, name: str, channel_name: str, selected: str, enriched: Sequence[str]
    ) -> Member:
        """Select an object on a custom channel."""
        channel = self.channels.get(channel_name)
        if channel is None:
            raise ApiError("INVALID_CROSS_REFERENCE_KEY", f"no channel {channel_name}", ["EventChannel"])
        sobject = _selectable(schema, channel.type, selected)
        if sobject.name in channel.members:
            raise ApiError("DUPLICATE_VALUE", f"{selected} is selected on {channel_name}", ["SelectedEntity"])
        if len(enriched) > MOST_ENRICHED:
            raise ApiError("LIMIT_EXCEEDED", f"at most {MOST_ENRICHED} enriched fields", ["EnrichedFields"])
        for one in enriched:
            if sobject.find(one) is None:
                raise ApiError("INVALID_FIELD", f"no field {one} to enrich {selected} with", ["EnrichedFields"])
        self.made += 1
        member = Member(make_id("0v8", self.made), name, selected, tuple(enriched))
        channel.members[sobject.name] = member
        self.forget()
        return member

    def remove(self, record_id: str) -> bool:
        """Delete a channel without members, or a member; False: there is no such."""
        for channel in list(self.channels.values()):
            if channel.id == record_id:
                if channel.members:
                    raise ApiError("DELETE_FAILED", f"{channel.name} has members", [])
                del self.channels[channel.name]
                return True
            for entity, member in list(channel.members.items()):
                if member.id == record_id:
                    del channel.members[entity]
                    self.forget()
                    return True
        return False


def _selectable(schema: Schema, kind: str, selected: str) -> SObject:
    for sobject in schema:
        is_event = sobject.name.endswith("__e")
        if kind == "event" and is_event and selected == sobject.name:
            return sobject
        if kind == "data" and sobject.name in CDC_ENTITIES and selected == event_name(sobject.name):
            return sobject
    raise ApiError("INVALID_CROSS_REFERENCE_KEY", f"{selected} can't be selected", ["SelectedEntity"])
