"""The tenant's code lists: fixed ones, those that depend on another value, and the ISO ones in several languages."""

from __future__ import annotations

from functools import cache

from babel import Locale

_ISO = frozenset({"countries", "currencies", "languages"})


def _list(text: str) -> dict[str, str]:
    pairs = (one.split("=", 1) for one in text.split("|"))
    return {code.strip(): name.strip() for code, name in pairs}


FIXED = {
    name: _list(text)
    for name, text in {
        "abc_classes": "A=A-Account|B=B-Account|C=C-Account",
        "account_roles": "CRM000=Customer|BUP002=Prospect|Z002=Shop Customer",
        "activity_categories": "0001=Customer Visit|0002=Meeting|0003=Telephone Call|0004=E-Mail|0005=Preparation",
        "activity_statuses": "1=Open|2=In Process|3=Completed|4=Canceled",
        "activity_types": "0001=Appointment|0002=Phone Call|0004=E-Mail|0006=Activity Task",
        "approval_statuses": "1=Not Started|2=Approval Not Necessary|3=In Approval|4=Approved|5=Rejected|6=In Revision"
        "|7=Withdrawn",
        "availabilities": "1=Free|2=Tentative|3=Busy|4=Out of Office",
        "blocking": "01=Credit Limit|02=Political Reasons|03=Bottleneck Material|10=Clarification Needed",
        "blocking_statuses": "1=Not Blocked|2=Partially Blocked|3=Blocked",
        "calculation": "1=Not Calculated|2=Calculated with Errors|3=Calculated Successfully",
        "cancellation_reasons": "01=Customer Request|02=Delivery Date Too Late|03=Poor Quality|04=Too Expensive"
        "|05=Returned Goods",
        "cancellation_statuses": "1=Not Canceled|2=Partially Canceled|3=Canceled|4=Canceled",
        "channels": "INT=E-Mail|LET=Letter|TEL=Telephone|FAX=Fax",
        "consistency": "1=Check Pending|2=Inconsistent|3=Consistent",
        "data_origins": "1=Manual Data Entry|2=Telephone|3=Internet|4=E-Mail|5=Web Service",
        "departments": "0001=Purchasing Dept|0002=Sales|0003=Administration|0004=Production|0005=Quality Assurance",
        "distribution_channels": "01=Direct sales|02=Indirect sales|10=Web shop",
        "divisions": "00=Cross-division|01=Division 1|02=Division 2",
        "document_roles": "1=Predecessor|2=Successor|3=Reference",
        "document_types": "30=Quote|72=Opportunity|114=Sales Order|118=Service Request|64=Lead|2059=Customer Order"
        "|12=Appointment|542=Task",
        "escalations": "1=Not Escalated|2=Escalated",
        "forecast_categories": "0001=Pipeline|0002=Best Case|0003=Commit|0004=Closed",
        "fulfilment": "1=Not Started|2=In Process|3=Finished|4=Not Relevant",
        "functions": "0001=Executive Board|0002=Purchasing Manager|0003=Sales Manager|0004=Personnel Manager",
        "genders": "0=Unknown|1=Male|2=Female",
        "identification_types": "SHOP=Shop Customer Number|BUP001=Other Identification|BUP002=Trade Register Number",
        "incoterms": "EXW=Ex Works|FOB=Free on Board|CIF=Costs, Insurance and Freight|DAP=Delivered at Place"
        "|DDP=Delivered Duty Paid",
        "industries": "01=Trade|02=Manufacturing|03=Services|04=Public Sector",
        "information_life": "AC=Active|AR=Archived|IP=In Preparation",
        "item_statuses": "1=Open|2=In Process|3=Completed",
        "lead_life": "1=Open|2=In Process|3=Qualified|4=Declined|5=Accepted|6=Converted",
        "lead_qualifications": "01=Cold|02=Warm|03=Hot",
        "lead_statuses": "01=Open|02=Qualified|03=Accepted|04=Declined|05=Converted",
        "marital_statuses": "1=Single|2=Married|3=Widowed|4=Divorced",
        "opportunity_groups": "0001=New Business|0002=Existing Customer|0003=Web Shop",
        "opportunity_statuses": "1=Open|2=In Process|3=Stopped|4=Won|5=Lost",
        "opportunity_types": "OPPT=Opportunity|ZSHO=Shop Opportunity",
        "order_item_types": "ORN=Product - Order Item|ORT=Text Item|ORR=Return Item",
        "order_reasons": "001=Sales Call|002=Trade Fair|003=Web Shop|004=Advertising",
        "order_statuses": "1=Open|2=In Process|3=Completed",
        "order_types": "OR=Standard Order|ZSH=Shop Order",
        "origins": "001=Trade Fair|002=Campaign|003=Web Site|004=Telephone Inquiry|005=Web Shop",
        "partner_statuses": "1=In Preparation|2=Active|3=Blocked|4=Obsolete",
        "partner_types": "147=Business Partner|159=Account|167=Employee|1006=Contact",
        "party_roles": "1001=Account|1005=Ship-To|10=Bill-To|8=Payer|2=Seller|39=Owner|44=Sales Unit|34=Account"
        "|35=Organizer|36=Attendee|23=Contact|142=Employee Responsible|40=Processor",
        "permissions": "1=Allowed|2=Not Allowed|3=No Information",
        "priorities": "1=Immediate|2=Urgent|3=Normal|7=Low",
        "product_statuses": "1=In Preparation|2=Active|3=Blocked|4=Obsolete",
        "product_usages": "1=Sales|2=Service",
        "replication": "1=Not Started|2=In Process|3=Finished|4=Failed",
        "result_reasons": "001=Price|002=Product|003=Competitor|004=Customer Decision|005=Web Shop Order",
        "sales_cycles": "001=Sales Cycle Standard|002=Web Shop",
        "sales_phases": "001=Identify Opportunity|002=Qualify Opportunity|003=Develop Value Proposition|004=Quote"
        "|005=Decision|006=Close",
        "sensitivities": "1=Normal|2=Personal|3=Private|4=Confidential",
        "text_types": "10001=Note|10002=Internal Comment|10004=Description|10007=Reply from Customer"
        "|10008=Reply to Customer",
        "ticket_life": "1=Open|2=In Process|3=Completed|4=Closed",
        "ticket_statuses": "1=Open|2=In Process|3=Customer Action Required|4=Waiting for Customer|5=Completed|6=Closed",
        "ticket_types": "SRRQ=Service Request|ZSHO=Shop Ticket",
        "time_zones": "UTC=UTC+0|CET=(UTC+01:00) Central Europe|PST=(UTC-08:00) Pacific Time"
        "|EST=(UTC-05:00) Eastern Time"
        "|GMTUK=(UTC+00:00) London|AUSNSW=(UTC+10:00) Sydney",
        "titles": "0001=Ms.|0002=Mr.|0003=Company|0004=Mr. and Mrs.",
        "units": "EA=Each|KGM=Kilogram|GRM=Gram|LTR=Liter|MTR=Meter|HUR=Hour|PK=Pack|XBX=Box|SET=Set|C62=One"
        "|MTQ=Cubic meter",
        "vip": "1=VIP|2=Opinion Leader",
    }.items()
}

CONTEXTUAL = {
    "opportunity_user_statuses": {
        "OPPT": _list("OPEN=Open|WORK=In Process|WAIT=Waiting for Customer|WON=Won|LOST=Lost"),
        "ZSHO": _list("CART=Cart|PAID=Paid|DROP=Abandoned"),
    },
    "states": {
        "US": _list(
            "AL=Alabama|AK=Alaska|AZ=Arizona|AR=Arkansas|CA=California|CO=Colorado|CT=Connecticut|DE=Delaware"
            "|DC=District of Columbia|FL=Florida|GA=Georgia|HI=Hawaii|ID=Idaho|IL=Illinois|IN=Indiana|IA=Iowa|KS=Kansas"
            "|KY=Kentucky|LA=Louisiana|ME=Maine|MD=Maryland|MA=Massachusetts|MI=Michigan|MN=Minnesota|MS=Mississippi"
            "|MO=Missouri|MT=Montana|NE=Nebraska|NV=Nevada|NH=New Hampshire|NJ=New Jersey|NM=New Mexico|NY=New York"
            "|NC=North Carolina|ND=North Dakota|OH=Ohio|OK=Oklahoma|OR=Oregon|PA=Pennsylvania|PR=Puerto Rico"
            "|RI=Rhode Island|SC=South Carolina|SD=South Dakota|TN=Tennessee|TX=Texas|UT=Utah|VT=Vermont|VA=Virginia"
            "|WA=Washington|WV=West Virginia|WI=Wisconsin|WY=Wyoming"
        ),
        "CA": _list(
            "AB=Alberta|BC=British Columbia|MB=Manitoba|NB=New Brunswick|NL=Newfoundland and Labrador|NS=Nova Scotia"
            "|NT=Northwest Territories|NU=Nunavut|ON=Ontario|PE=Prince Edward Island|QC=Quebec|SK=Saskatchewan|YT=Yukon"
        ),
        "AU": _list(
            "ACT=Australian Capital Territory|NSW=New South Wales|NT=Northern Territory|QLD=Queensland"
            "|SA=South Australia|TAS=Tasmania|VIC=Victoria|WA=Western Australia"
        ),
        "DE": _list(
            "01=Schleswig-Holstein|02=Hamburg|03=Niedersachsen|04=Bremen|05=Nordrhein-Westfalen|06=Hessen"
            "|07=Rheinland-Pfalz|08=Baden-Württemberg|09=Bayern|10=Saarland|11=Berlin|12=Brandenburg"
            "|13=Mecklenburg-Vorpommern|14=Sachsen|15=Sachsen-Anhalt|16=Thüringen"
        ),
    },
}


@cache
def _iso(name: str, language: str) -> dict[str, str]:
    locale = Locale(language)
    if name == "currencies":
        return dict(sorted(locale.currencies.items()))
    if name == "countries":
        return {k: v for k, v in sorted(locale.territories.items()) if len(k) == 2 and k.isalpha()}
    return {k.upper(): v for k, v in sorted(locale.languages.items()) if len(k) == 2}


def entries(name: str, language: str = "en") -> dict[str, str] | None:
    """Code and description of a fixed list; None: any value is taken."""
    if name in _ISO:
        return _iso(name, language)
    return FIXED.get(name)


def contextual(name: str) -> dict[str, dict[str, str]] | None:
    """A list by the value it depends on; None: it is a fixed one."""
    return CONTEXTUAL.get(name)


def describe(name: str, code: str, context: str = "", language: str = "en") -> str:
    """The description of a code; empty if there is none."""
    by_context = CONTEXTUAL.get(name)
    found = by_context.get(context) if by_context is not None else entries(name, language)
    return (found or {}).get(code, "")


def is_known(name: str, code: str, context: str = "") -> bool:
    """Whether the list has the code."""
    by_context = CONTEXTUAL.get(name)
    found = by_context.get(context, {}) if by_context is not None else entries(name)
    return found is None or code in found
