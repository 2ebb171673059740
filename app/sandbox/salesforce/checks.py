"""What holds for every object: locks, required fields, references, uniqueness, the org's validation rules."""

from __future__ import annotations

from app.sandbox.salesforce.dml import FIRST_CHECKS, LAST_CHECKS, Writer
from app.sandbox.salesforce.errors import ApiError
from app.sandbox.salesforce.fields import SObject
from app.sandbox.salesforce.soql import condition
from app.sandbox.salesforce.soql_where import Condition
from app.sandbox.salesforce.store import Row

AUTO_NUMBER_START = {"OrderNumber": (99, 8), "CaseNumber": (1000, 8), "ContractNumber": (99, 8)}


def check_lock(writer: Writer, sobject: SObject, old: Row | None, new: Row) -> None:
    """A write locks its own row and those of its masters."""
    if writer.org.row_locks:
        parents = [new[f.name] for f in sobject.fields.values() if f.cascade and new.get(f.name)]
        writer.org.check_lock(sobject.name, [new["Id"], *parents])


def number_and_require(writer: Writer, sobject: SObject, old: Row | None, new: Row) -> None:
    """Auto-numbers are given at creation; required fields have a value."""
    missing = []
    for field in sobject.fields.values():
        if field.auto_number and old is None:
            start, digits = AUTO_NUMBER_START.get(field.name, (0, 10))
            new[field.name] = str(start + writer.db.tables[sobject.name].made).rjust(digits, "0")
        elif field.required and new.get(field.name) is None:
            missing.append(field.name)
    if missing:
        raise ApiError("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(missing)}]", missing)


def check_references(writer: Writer, sobject: SObject, old: Row | None, new: Row) -> None:
    """A lookup that changes must lead to a live record of the right kind."""
    before = old or {}
    for name, value in new.items():
        if value is None or value == before.get(name):
            continue
        field = sobject.fields.get(name)
        if field is None or field.type != "reference":
            continue
        table = writer.db.table_of(value)
        if table is None or table.name not in field.refers_to:
            message = f"{field.title}: id value of incorrect type: {value}"
            raise ApiError("MALFORMED_ID" if table is None else "FIELD_INTEGRITY_EXCEPTION", message, [name])
        if value in table.bin:
            raise ApiError("ENTITY_IS_DELETED", "entity is deleted", [name])
        if value not in table.rows:
            raise ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [name])


def check_unique(writer: Writer, sobject: SObject, old: Row | None, new: Row) -> None:
    """A value of a unique field belongs to one record only."""
    table = writer.db.tables[sobject.name]
    for field in sobject.fields.values():
        if not field.unique or new.get(field.name) is None:
            continue
        for other in table.find(field.name, new[field.name]):
            if other["Id"] != new["Id"]:
                message = f"duplicate value found: {field.name} duplicates value on record with id: {other['Id'][:15]}"
                raise ApiError("DUPLICATE_VALUE", message, [field.name] if field.custom else [])


def check_currency(writer: Writer, sobject: SObject, old: Row | None, new: Row) -> None:
    """With many currencies every record has one."""
    if "CurrencyIsoCode" in sobject.fields and not new.get("CurrencyIsoCode"):
        new["CurrencyIsoCode"] = writer.org.switches.currency


def check_states(writer: Writer, sobject: SObject, old: Row | None, new: Row) -> None:
    """With state and country picklists, codes are written and free text is refused."""
    if not writer.org.switches.state_country_picklists:
        return
    before = old or {}
    for field in sobject.fields.values():
        code = f"{field.name}Code"
        if not field.compound or code not in sobject.fields:  # of an address; Order has a Status and a StatusCode too
            continue
        if new.get(code) != before.get(code):
            new[field.name] = new.get(code)
        elif new.get(field.name) != before.get(field.name):
            kind = "country" if field.name.endswith("Country") else "state"
            listed = "country/territory" if kind == "country" else "state"
            message = f"There's a problem with this {kind}. Please choose a {listed} of the list.: {field.title}"
            raise ApiError("FIELD_INTEGRITY_EXCEPTION", message, [field.name])


def check_validation_rules(writer: Writer, sobject: SObject, old: Row | None, new: Row) -> None:
    """The customer's own rules; each gives the condition under which a record is refused."""
    for rule in writer.org.switches.validation_rules:
        if rule["object"].lower() == sobject.name.lower() and _holds(writer, sobject, rule["where"], new):
            fields = [rule["field"]] if rule.get("field") else []
            raise ApiError("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule["message"], fields)


def _holds(writer: Writer, sobject: SObject, where: str, row: Row) -> bool:
    test: Condition = condition(writer.org, sobject, where)
    return test(row)


FIRST_CHECKS.extend((check_lock, number_and_require, check_references, check_currency, check_states))
LAST_CHECKS.extend((check_unique, check_validation_rules))
