"""What the pages show of a module: columns of lists, fields and subpanels of records."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Subpanel:
    """The records behind one link."""

    link: str
    title: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Layout:
    """One module's pages."""

    icon: str
    color: str
    columns: tuple[str, ...]
    header: tuple[str, ...] = ()
    details: tuple[str, ...] = ()
    subpanels: tuple[Subpanel, ...] = field(default=())


_OPPORTUNITY = ("name", "account_name", "amount", "sales_status", "sales_stage", "date_closed")
_LINE = ("name", "quantity", "discount_price", "discount_amount", "likely_case", "sales_stage", "date_closed")
_CASE = ("case_number", "name", "status", "priority", "account_name", "date_entered")
_CONTACT = ("name", "title", "account_name", "email1", "phone_work")
_QUOTE = ("quote_num", "name", "quote_stage", "total", "date_quote_expected_closed")
_NOTE = ("name", "description", "date_entered")
_OPPORTUNITIES = Subpanel("opportunities", "Opportunities", _OPPORTUNITY)
_NOTES = Subpanel("notes", "Notes", _NOTE)
_CASES = Subpanel("cases", "Cases", _CASE)
_CONTACTS = Subpanel("contacts", "Contacts", _CONTACT)
_LINES = Subpanel("revenuelineitems", "Revenue Line Items", _LINE)
_AUDIT = ("date_entered", "created_by_name", "date_modified", "modified_by_name", "sync_key", "description", "id")

LAYOUTS: dict[str, Layout] = {
    "Accounts": Layout(
        "Ac", "#177245",
        ("name", "account_type", "industry", "phone_office", "assigned_user_name", "date_modified"),
        ("account_type", "industry", "phone_office", "assigned_user_name"),
        ("website", "annual_revenue", "billing_address_street", "billing_address_city", "billing_address_postalcode",
         "billing_address_country", "shipping_address_street", "shipping_address_city", "parent_name", *_AUDIT),
        (_CONTACTS, _OPPORTUNITIES, _LINES, _CASES, Subpanel("quotes", "Quotes", _QUOTE), _NOTES),
    ),
    "Contacts": Layout(
        "Co", "#7a5195",
        (*_CONTACT, "date_modified"),
        ("title", "account_name", "phone_work", "assigned_user_name"),
        ("phone_mobile", "department", "lead_source", "primary_address_street", "primary_address_city",
         "primary_address_state", "primary_address_postalcode", "primary_address_country", "birthdate", *_AUDIT),
        (_OPPORTUNITIES, _CASES, Subpanel("quotes", "Quotes", _QUOTE), Subpanel("notes_parent", "Notes", _NOTE)),
    ),
    "Opportunities": Layout(
        "Op", "#8a4b08",
        (*_OPPORTUNITY, "date_modified"),
        ("account_name", "amount", "sales_status", "date_closed", "assigned_user_name"),
        ("best_case", "worst_case", "amount_usdollar", "sales_stage", "probability", "opportunity_type", "lead_source",
         "next_step", "total_revenue_line_items", "closed_revenue_line_items", *_AUDIT),
        (_LINES, _CONTACTS, Subpanel("quotes", "Quotes", _QUOTE), _NOTES),
    ),
    "Cases": Layout(
        "Cs", "#a4262c",
        (*_CASE, "date_modified"),
        ("case_number", "status", "priority", "account_name", "assigned_user_name"),
        ("type", "source", "primary_contact_name", "resolution", "follow_up_datetime", "resolved_datetime", *_AUDIT),
        (_CONTACTS, _NOTES),
    ),
    "Leads": Layout("Le", "#0b6a8f", ("name", "status", "account_name", "email1", "lead_source", "date_modified")),
    "RevenueLineItems": Layout("RL", "#5c6b00", ("name", "opportunity_name", *_LINE[1:], "date_modified")),
    "Quotes": Layout("Qu", "#9c3587", (*_QUOTE, "billing_account_name", "date_modified")),
    "ProductTemplates": Layout(
        "PC", "#4b5320",
        ("name", "mft_part_num", "discount_price", "list_price", "qty_in_stock", "status", "date_modified"),
    ),
    "Notes": Layout("No", "#57606a", (*_NOTE, "parent_name")),
    "Users": Layout("Us", "#3b4a5a", ("name", "user_name", "title", "status", "date_modified")),
}  # fmt: skip
LABELS = {
    "email1": "Email Address",
    "assigned_user_name": "Assigned To",
    "date_entered": "Date Created",
    "id": "ID",
    "created_by_name": "Created By",
    "modified_by_name": "Modified By",
    "parent_name": "Member Of",
    "phone_office": "Office Phone",
    "phone_work": "Office Phone",
    "phone_mobile": "Mobile",
    "likely_case": "Likely",
    "date_closed": "Expected Close Date",
    "account_type": "Type",
    "opportunity_type": "Type",
    "mft_part_num": "Part Number",
    "case_number": "Number",
    "amount_usdollar": "Likely (Base Currency)",
    "qty_in_stock": "Quantity in Stock",
    "quote_num": "Quote Number",
    "total_revenue_line_items": "# of RLIs",
    "closed_revenue_line_items": "# of Closed RLIs",
}
FRAMED = ("Accounts", "Contacts", "Opportunities", "Cases")
