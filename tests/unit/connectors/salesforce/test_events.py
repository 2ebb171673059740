"""Events as Avro brings them, ids, pages."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Mapping
from typing import Any

import fastavro
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.connectors.base import Ref
from app.connectors.salesforce.events import Decoder, Unreadable, bitmap_names
from app.connectors.salesforce.pages import page
from app.connectors.salesforce.values import full_id

STRINGS = {"type": "array", "items": "string"}
HEADER_FIELDS = {
    "entityName": "string", "recordIds": STRINGS, "changeType": "string", "changeOrigin": "string",
    "commitUser": "string", "changedFields": STRINGS, "nulledFields": STRINGS, "diffFields": STRINGS,
}  # fmt: skip
HEADER = {
    "type": "record", "name": "ChangeEventHeader",
    "fields": [{"name": name, "type": kind} for name, kind in HEADER_FIELDS.items()],
}  # fmt: skip
ADDRESS = {
    "type": "record", "name": "Address",
    "fields": [{"name": name, "type": ["null", "string"], "default": None} for name in ("Street", "City")],
}  # fmt: skip
SCHEMA: dict[str, Any] = {
    "type": "record", "name": "ContactChangeEvent", "namespace": "com.sforce.eventbus",
    "fields": [
        {"name": "ChangeEventHeader", "type": HEADER},
        {"name": "Phone", "type": ["null", "string"], "default": None},
        {"name": "MailingAddress", "type": ["null", ADDRESS], "default": None},
        {"name": "OtherAddress", "type": ["null", "Address"], "default": None},
        {"name": "Product2Id", "type": ["null", "string"], "default": None},
    ],
}  # fmt: skip


def decoder(fetched: list[str] | None = None) -> Decoder:
    def fetch(schema_id: str) -> str:
        if fetched is not None:
            fetched.append(schema_id)
        return json.dumps(SCHEMA)

    return Decoder(fetch)


def payload(**header: Any) -> bytes:
    values = {
        "entityName": "Contact", "recordIds": ["003"], "changeType": "UPDATE", "changeOrigin": "", "commitUser": "005",
        "changedFields": ["0x02", "3-0x02"], "nulledFields": [], "diffFields": [], **header,
    }  # fmt: skip
    out = io.BytesIO()
    product = values.pop("product", None)
    record = {"ChangeEventHeader": values, "Phone": "1", "Product2Id": product}
    fastavro.schemaless_writer(out, fastavro.parse_schema(json.loads(json.dumps(SCHEMA))), record)
    return out.getvalue()


def test_a_change_and_its_fields_by_name() -> None:
    fetched: list[str] = []
    reader = decoder(fetched)
    told = [reader.decode("s", payload()) for _ in range(3)][-1]
    assert fetched == ["s"] and told.refs == (Ref("Contact", "003"),) and told.scope == "ContactChangeEvent UPDATE"
    assert json.loads(told.body)["changedFields"] == ["Phone", "OtherAddress.City"]


@pytest.mark.parametrize(
    ("origin", "passed"),
    [
        ("com/salesforce/api/rest/66.0;client=storeline", True),
        ("com/salesforce/api/soap/66.0;client=storeline", True),
        ("com/salesforce/api/rest/66.0;client=storeline-of-others", False),
        ("com/salesforce/api/rest/66.0", False),
        ("", False),
    ],
)
def test_whose_change_it_is(origin: str, passed: bool) -> None:
    assert (decoder().decode("s", payload(changeOrigin=origin)).refs == ()) is passed


def test_what_cannot_be_told_is_looked_through() -> None:
    reader = decoder()
    for header in ({"changeType": "GAP_OVERFLOW", "recordIds": ["000000000000000AAA"]}, {"recordIds": ["003*"]}):
        told = reader.decode("s", payload(**header, changedFields=[]))
        assert told.refs == () and told.resync == ("Contact",)


def test_a_price_tells_its_product_or_is_asked_for() -> None:
    reader = decoder()
    price = {"entityName": "PricebookEntry", "recordIds": ["01u"]}
    assert reader.decode("s", payload(**price, product="01t")).refs == (Ref("Product2", "01t"),)
    told = reader.decode("s", payload(**price))
    assert told.refs == () and told.prices == ("01u",)


@given(st.binary(max_size=60))
def test_no_payload_breaks_the_reader(garbage: bytes) -> None:
    with contextlib.suppress(Unreadable):
        decoder().decode("s", garbage)
    for bitmaps in (["0x"], ["x-0x1"], ["9-0x1"]):
        with pytest.raises(Unreadable):
            decoder().decode("s", payload(changedFields=bitmaps))


@pytest.mark.parametrize("schema", ["no JSON", "[]", '{"type": "record", "name": "x", "fields": [{"name": 1}]}'])
def test_no_schema_breaks_the_reader(schema: str) -> None:
    with pytest.raises(Unreadable):
        Decoder(lambda schema_id: schema).decode("s", payload())


def test_bitmaps_of_many_fields() -> None:
    fields: list[Mapping[str, Any]] = [{"name": f"f{n}", "type": ["null", "string"]} for n in range(70)]
    assert bitmap_names([f"0x{1 << 69 | 1 << 3:X}"], fields) == ["f3", "f69"]


@pytest.mark.parametrize(
    ("short", "checksum"), [("001ZM000001n4n5", "YAA"), ("005x0000001SyyE", "AAS"), ("001xx000003DGWi", "AAO")]
)
def test_ids_in_full(short: str, checksum: str) -> None:
    assert full_id(short) == short + checksum == full_id(short + checksum)
    assert full_id("1001") == full_id("") == full_id("001xx000003DGWi'") == ""


def test_record_pages() -> None:
    assert page("https://x.my.salesforce.com/", Ref("Order", "801")) == (
        "https://x.my.salesforce.com/lightning/r/Order/801/view"
    )
    assert page("https://x.example", Ref("Product", "01t")).endswith("/Product2/01t/view")
