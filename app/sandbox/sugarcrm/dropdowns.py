"""The dropdown lists as shipped, in English; an administrator may change them."""

from __future__ import annotations


def same(*keys: str) -> dict[str, str]:
    """Keys that are their own labels, after the empty choice."""
    return {"": "", **{k: k for k in keys}}


SOURCES = (
    "Cold Call",
    "Existing Customer",
    "Self Generated",
    "Employee",
    "Partner",
    "Public Relations",
    "Direct Mail",
    "Conference",
    "Trade Show",
    "Web Site",
    "Word of mouth",
    "Email",
    "Campaign",
)
STAGES = {
    "Prospecting": 10,
    "Qualification": 20,
    "Needs Analysis": 25,
    "Value Proposition": 30,
    "Id. Decision Makers": 40,
    "Perception Analysis": 50,
    "Proposal/Price Quote": 65,
    "Negotiation/Review": 80,
    "Closed Won": 100,
    "Closed Lost": 0,
}
WON, LOST = "Closed Won", "Closed Lost"
INDUSTRIES = (
    "Apparel Banking Biotechnology Chemicals Communications Construction Consulting Education Electronics Energy "
    "Engineering Entertainment Environmental Finance Government Healthcare Hospitality Insurance Machinery "
    "Manufacturing Media Not_For_Profit Recreation Retail Shipping Technology Telecommunications Transportation "
    "Utilities Other"
).split()
PARENTS = ("Accounts", "Contacts", "Leads", "Opportunities", "RevenueLineItems", "Quotes", "Cases", "Tasks", "Products")

DROPDOWNS: dict[str, dict[str, str]] = {
    "account_type_dom": same(
        "Analyst",
        "Competitor",
        "Customer",
        "Integrator",
        "Investor",
        "Partner",
        "Press",
        "Prospect",
        "Reseller",
        "Other",
    ),
    "industry_dom": {"": "", **{i.replace("_", " "): i.replace("_", " ") for i in INDUSTRIES}},
    "salutation_dom": same("Mr.", "Ms.", "Mrs.", "Dr.", "Prof."),
    "lead_source_dom": same(*SOURCES, "Support Portal User Registration", "Other"),
    "opportunity_lead_source_dom": same(*SOURCES, "Other"),
    "lead_status_dom": same("New", "Assigned", "In Process", "Converted", "Recycled", "Dead"),
    "sales_stage_dom": {s: s for s in STAGES},
    "sales_status_dom": {s: s for s in ("New", "In Progress", WON, LOST)},
    "sales_probability_dom": {s: str(p) for s, p in STAGES.items()},
    "opportunity_type_dom": same("Existing Business", "New Business"),
    "opportunity_relationship_type_dom": same(
        "Primary Decision Maker",
        "Business Decision Maker",
        "Business Evaluator",
        "Technical Decision Maker",
        "Technical Evaluator",
        "Executive Sponsor",
        "Influencer",
        "Other",
    ),
    "commit_stage_dom": {"include": "Include", "upside": "Upside", "exclude": "Exclude"},
    "tax_class_dom": {"Taxable": "Taxable", "Non-Taxable": "Non-Taxable"},
    "quote_type_dom": same("Quotes", "Orders", "Ship"),
    "quote_stage_dom": {
        s: s
        for s in (
            "Draft",
            "Negotiation",
            "Delivered",
            "On Hold",
            "Confirmed",
            "Closed Accepted",
            "Closed Lost",
            "Closed Dead",
        )
    },
    "order_stage_dom": same("Pending", "Confirmed", "On Hold", "Shipped", "Cancelled"),
    "payment_terms_dom": same("Net 15", "Net 30"),
    "product_template_status_dom": {"Available": "In Stock", "Unavailable": "Out Of Stock"},
    "pricing_formula_dom": {
        "Fixed": "Fixed Price",
        "ProfitMargin": "Profit Margin",
        "PercentageMarkup": "Markup over Cost",
        "PercentageDiscount": "Discount from List",
        "IsList": "Same as List",
    },
    "case_status_dom": {s: s for s in ("New", "Assigned", "Closed", "Pending Input", "Rejected", "Duplicate")},
    "case_priority_dom": {"P1": "High", "P2": "Medium", "P3": "Low"},
    "case_type_dom": {s: s for s in ("Administration", "Product", "User")},
    "source_dom": same("Internal", "Forum", "Web", "InboundEmail"),
    "campaign_status_dom": same("Planning", "Active", "Inactive", "Complete", "In Queue", "Sending"),
    "campaign_type_dom": same("Telesales", "Mail", "Email", "Print", "Web", "Radio", "Television", "NewsLetter"),
    "task_status_dom": {s: s for s in ("Not Started", "In Progress", "Completed", "Pending Input", "Deferred")},
    "task_priority_dom": {s: s for s in ("High", "Medium", "Low")},
    "call_status_dom": {"Planned": "Scheduled", "Held": "Held", "Not Held": "Canceled"},
    "meeting_status_dom": {"Planned": "Scheduled", "Held": "Held", "Not Held": "Canceled"},
    "call_direction_dom": {"Inbound": "Inbound", "Outbound": "Outbound"},
    "user_status_dom": {"Active": "Active", "Inactive": "Inactive"},
    "employee_status_dom": {s: s for s in ("Active", "Terminated", "Leave of Absence")},
    "currency_status_dom": {"Active": "Active", "Inactive": "Inactive"},
    "manufacturer_status_dom": {"Active": "Active", "Inactive": "Inactive"},
    "tax_rate_status_dom": {"Active": "Active", "Inactive": "Inactive"},
    "parent_type_display": {p: p for p in PARENTS},
    "web_hook_trigger_dom": {
        t: t
        for t in (
            "after_save",
            "after_delete",
            "after_relationship_add",
            "after_relationship_delete",
            "after_login",
            "after_logout",
            "after_login_failed",
        )
    },
    "web_hook_method_dom": {m: m for m in ("POST", "GET", "PUT", "DELETE")},
    "document_status_dom": {s: s for s in ("Active", "Draft", "Expired", "Under Review")},
}
