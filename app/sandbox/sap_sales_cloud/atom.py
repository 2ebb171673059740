"""The default format: Atom. Read only; writes take JSON."""

from __future__ import annotations

from typing import Any

from lxml import etree

from app.sandbox.sap_sales_cloud import values
from app.sandbox.sap_sales_cloud.model import EntityType, Property

ATOM = "http://www.w3.org/2005/Atom"
DATA = "http://schemas.microsoft.com/ado/2007/08/dataservices"
META = "http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"
SCHEME = "http://schemas.microsoft.com/ado/2007/08/dataservices/scheme"
APP = "http://www.w3.org/2007/app"
_MAP: Any = {None: ATOM, "d": DATA, "m": META}
_SERVICE_MAP: Any = {None: APP, "atom": ATOM}
_FORBIDDEN = {code: None for code in range(32) if code not in (9, 10, 13)}


def entry(entity: EntityType, shown: dict[str, Any]) -> bytes:
    """One entity."""
    return _text(_entry(entity, shown))


def feed(entity: EntityType, base: str, results: list[dict[str, Any]], count: int | None, following: str) -> bytes:
    """A list."""
    root = etree.Element(f"{{{ATOM}}}feed", nsmap=_MAP)
    _sub(root, ATOM, "id", base + entity.set_name)
    _sub(root, ATOM, "title", entity.set_name)
    if count is not None:
        _sub(root, META, "count", str(count))
    for one in results:
        root.append(_entry(entity, one))
    if following:
        etree.SubElement(root, f"{{{ATOM}}}link", rel="next", href=following)
    return _text(root)


def service(base: str, names: list[str]) -> bytes:
    """The service document."""
    root = etree.Element(f"{{{APP}}}service", nsmap=_SERVICE_MAP)
    root.set("{http://www.w3.org/XML/1998/namespace}base", base)
    space = etree.SubElement(root, f"{{{APP}}}workspace")
    _sub(space, ATOM, "title", "Data")
    for name in names:
        one = etree.SubElement(space, f"{{{APP}}}collection", href=name)
        _sub(one, ATOM, "title", name)
    return _text(root)


def _entry(entity: EntityType, shown: dict[str, Any]) -> Any:
    meta = shown["__metadata"]
    root = etree.Element(f"{{{ATOM}}}entry", nsmap=_MAP)
    if "etag" in meta:
        root.set(f"{{{META}}}etag", meta["etag"])
    _sub(root, ATOM, "id", meta["uri"])
    _sub(root, ATOM, "title", entity.name)
    etree.SubElement(root, f"{{{ATOM}}}category", term=meta["type"], scheme=SCHEME)
    for name, value in shown.items():
        if isinstance(value, dict) and "__deferred" in value:
            etree.SubElement(root, f"{{{ATOM}}}link", rel=f"{DATA}/related/{name}", href=value["__deferred"]["uri"])
    content = etree.SubElement(root, f"{{{ATOM}}}content", type="application/xml")
    properties = etree.SubElement(content, f"{{{META}}}properties")
    for name, value in shown.items():
        prop = entity.properties.get(name)
        if prop is not None:
            _property(properties, prop, value)
    return root


def _property(parent: Any, prop: Property, shown: Any) -> None:
    one = etree.SubElement(parent, f"{{{DATA}}}{prop.name}")
    if prop.edm != "Edm.String":
        one.set(f"{{{META}}}type", prop.edm)
    text = values.atom(prop, values.parse(prop, shown) if shown is not None else None)
    if text is None:
        one.set(f"{{{META}}}null", "true")
    else:
        one.text = text.translate(_FORBIDDEN)


def _sub(parent: Any, space: str, name: str, text: str) -> None:
    etree.SubElement(parent, f"{{{space}}}{name}").text = text


def _text(root: Any) -> bytes:
    return bytes(etree.tostring(root, xml_declaration=True, encoding="utf-8"))
