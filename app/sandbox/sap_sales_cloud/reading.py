"""What a property of a row reads as, stored or derived, and which rows a user may see."""

from __future__ import annotations

from typing import Any

from app.sandbox.sap_sales_cloud import codes, partners
from app.sandbox.sap_sales_cloud.errors import forbidden
from app.sandbox.sap_sales_cloud.model import EntityType
from app.sandbox.sap_sales_cloud.store import Row
from app.sandbox.sap_sales_cloud.tenant import Tenant
from app.sandbox.sap_sales_cloud.users import User


def value(tenant: Tenant, entity: EntityType, row: Row, name: str, language: str = "en") -> Any:
    """A property's value as it is kept, followed or described."""
    following = entity.followers.get(name)
    if following is not None:
        near, kind, what = following
        return partners.detail(partners.find(tenant, kind, row.get(near) or ""), what)
    prop = entity.properties[name]
    if prop.describes:
        return description(entity, row, prop.describes, language)
    if name == "ETag":
        return version(tenant, entity, row)
    return row.get(name)


def description(entity: EntityType, row: Row, name: str, language: str = "en") -> str:
    """The text of a code."""
    prop = entity.properties[name]
    code = row.get(name)
    if not code or not prop.codes:
        return ""
    return codes.describe(prop.codes, code, row.get(prop.context) or "", language)


def version(tenant: Tenant, entity: EntityType, row: Row) -> int:
    """The version of the business object that a row belongs to."""
    found: int = tenant.root_row(entity, row).get("ETag", 0)
    return found


def may_use(tenant: Tenant, user: User, entity: EntityType) -> bool:
    """Whether the user's roles grant a business object."""
    root = tenant.schema.root(entity).name
    return root not in user.denied and root not in tenant.switches.denied.get(user.id, ())


def check_use(tenant: Tenant, user: User, entity: EntityType) -> None:
    """403 if the user's roles do not grant the business object."""
    if not may_use(tenant, user, entity):
        raise forbidden(f"You are not authorized to access {tenant.schema.root(entity).name}")


def is_visible(tenant: Tenant, user: User, entity: EntityType, row: Row) -> bool:
    """Whether a row lies in the user's territory; what has neither territory nor owner is everybody's."""
    if not user.territory:
        return True
    root = tenant.schema.root(entity)
    whole = tenant.root_row(entity, row)
    if "SalesTerritoryID" in root.properties:
        return whole.get("SalesTerritoryID") == user.territory
    if root.name == "Contact":
        account = partners.find(tenant, "account", whole.get("AccountID") or "") or {}
        return (whole.get("ContactOwnerID") or account.get("OwnerID")) in (user.employee, user.partner)
    if "OwnerID" in root.properties:
        return whole.get("OwnerID") in (user.employee, user.partner)
    return True
