"""What an error means, what to do about it and who can: the vendors' codes in plain words. Data only."""

from __future__ import annotations

from dataclasses import dataclass, replace

MERCHANT = "You, in the store"
ADMIN = "Your CRM administrator"
US = "Storeline's support"
NOBODY = "Nobody: it heals by itself"


@dataclass(frozen=True)
class Explanation:
    """An error for people: what happened, what to do, who can do it."""

    words: str
    advice: str
    who: str


_LIMIT = Explanation(
    "The CRM's daily allowance of API calls is used up.",
    "Storeline goes on by itself as soon as calls are free again. If it happens often, ask for a larger allowance or "
    "see which other app uses it.",
    NOBODY,
)
_BUSY = Explanation(
    "Somebody or something else was changing the same record at that moment.",
    "Nothing to do: it is tried again in a moment.",
    NOBODY,
)
_DOWN = Explanation(
    "The other side did not answer, or is being maintained.",
    "Nothing to do: it is tried again, at growing intervals.",
    NOBODY,
)
_SLOW_DOWN = Explanation(
    "BigCommerce asked for a pause: the store's apps made many calls at once.",
    "Nothing to do: it is tried again when the pause is over.",
    NOBODY,
)
_RIGHTS = Explanation(
    "The CRM user that connected Storeline may not read or write this record or field.",
    "Give that user the permission set “Storeline” (or edit rights on the field that is named), then press Replay.",
    ADMIN,
)
_FIELD = Explanation(
    "The CRM does not have a field or an object that Storeline writes to.",
    "Open Connections and press “Check again”: it creates what is missing or names it. Then press Replay.",
    ADMIN,
)
_REQUIRED = Explanation(
    "The CRM insists on a field that has no value in the store.",
    "Fill it in in the store, or have the field made optional (or given a default) in the CRM, then press Replay.",
    ADMIN,
)
_RULE = Explanation(
    "A validation rule of your CRM refused the record.",
    "Change the data so that the rule is met, or exempt Storeline's user from the rule, then press Replay.",
    ADMIN,
)
_PICKLIST = Explanation(
    "The CRM allows only certain values in this field, and the store's value is not one of them.",
    "Add the value to the picklist, or unrestrict it, then press Replay.",
    ADMIN,
)
_LONG = Explanation(
    "The value is longer than the CRM's field.",
    "Shorten it in the store, or have the field made longer in the CRM, then press Replay.",
    MERCHANT,
)
_EMAIL = Explanation(
    "The CRM does not accept this e-mail address.",
    "Correct the address on the customer or the order in the store; it is sent again when you save.",
    MERCHANT,
)
_TWIN = Explanation(
    "The CRM already holds a record that looks like this one, and its duplicate rules refuse a second.",
    "Merge the records in the CRM, or let the duplicate rule alert instead of block for Storeline's user, then replay.",
    ADMIN,
)
_SAME_KEY = Explanation(
    "Another record in the CRM already has this value in a field where each value may appear once.",
    "Find that record in the CRM, then merge the two or clear the value there, then press Replay.",
    ADMIN,
)
_GONE = Explanation(
    "The record is no longer there: it was deleted on one side.",
    "If it should exist, restore it from the recycle bin and press Replay; otherwise nothing is to be done.",
    ADMIN,
)
_REFERENCE = Explanation(
    "The record refers to another one that does not exist in the CRM, or that Storeline's user cannot see.",
    "Check that the account, contact or product still exists and is shared with that user, then press Replay.",
    ADMIN,
)
_AUTOMATION = Explanation(
    "A flow or trigger in your CRM failed while the record was being saved.",
    "Have the flow or trigger that is named mended, then press Replay.",
    ADMIN,
)
_STORAGE = Explanation(
    "The CRM's storage is full.",
    "Free or buy storage in the CRM, then press “Replay all failed”.",
    ADMIN,
)
_EDITION = Explanation(
    "This edition of the CRM, or this user's profile, has no access to the API.",
    "Turn on “API Enabled” for the user that connected Storeline, or use an edition with API access.",
    ADMIN,
)
_RECONNECT = Explanation(
    "The authorisation was revoked or has run out.",
    "Open Connections and press “Reconnect”. What has gathered meanwhile is sent by itself.",
    MERCHANT,
)
_STORE = Explanation(
    "The store no longer accepts Storeline: its access was withdrawn or has changed.",
    "Open Storeline from Apps in the control panel once; if it asks for permissions, accept them. What has gathered "
    "meanwhile is sent by itself.",
    MERCHANT,
)
_SCOPE = Explanation(
    "The store did not grant Storeline a permission that it needs.",
    "Open Storeline from Apps and accept the permissions that it asks for, or install it again.",
    MERCHANT,
)
_PLAN = Explanation(
    "The store's plan does not allow more records of this kind.",
    "Remove what is no longer used, or change the store's plan, then press Replay.",
    MERCHANT,
)
_TOGETHER = Explanation(
    "A record that was sent together with this one was refused, so this one was held back.",
    "See to the record that failed at the same time; then press Replay.",
    ADMIN,
)
_OURS = Explanation(
    "Storeline met something that it was not made for.",
    "Tell our support the correlation id below. Nothing is lost: after the mending it can be replayed.",
    US,
)
_BAD_DATA = Explanation(
    "The other side refused the data; its own words are quoted here.",
    "Correct the data that is named, then press Replay.",
    MERCHANT,
)

EXPLANATIONS = {
    # Salesforce (REST status codes)
    "API_CURRENTLY_DISABLED": _EDITION,
    "API_DISABLED_FOR_ORG": _EDITION,
    "CANNOT_EXECUTE_FLOW_TRIGGER": _AUTOMATION,
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": _AUTOMATION,
    "DUPLICATES_DETECTED": _TWIN,
    "DUPLICATE_EXTERNAL_ID": _SAME_KEY,
    "DUPLICATE_VALUE": _SAME_KEY,
    "ENTITY_IS_DELETED": _GONE,
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": _RULE,
    "FIELD_FILTER_VALIDATION_EXCEPTION": _RULE,
    "FIELD_INTEGRITY_EXCEPTION": _REFERENCE,
    "INSUFFICIENT_ACCESS": _RIGHTS,
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": _RIGHTS,
    "INSUFFICIENT_ACCESS_OR_READONLY": _RIGHTS,
    "INVALID_CROSS_REFERENCE_KEY": _REFERENCE,
    "INVALID_EMAIL_ADDRESS": _EMAIL,
    "INVALID_FIELD": _FIELD,
    "INVALID_FIELD_FOR_INSERT_UPDATE": _RIGHTS,
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": _PICKLIST,
    "INVALID_SESSION_ID": _RECONNECT,
    "INVALID_TYPE": _FIELD,
    "MALFORMED_ID": _OURS,
    "METHOD_NOT_ALLOWED": _OURS,
    "NOT_FOUND": _GONE,
    "NUMBER_OUTSIDE_VALID_RANGE": _BAD_DATA,
    "REQUEST_LIMIT_EXCEEDED": _LIMIT,
    "REQUIRED_FIELD_MISSING": _REQUIRED,
    "SERVER_UNAVAILABLE": _DOWN,
    "STORAGE_LIMIT_EXCEEDED": _STORAGE,
    "STRING_TOO_LONG": _LONG,
    "UNABLE_TO_LOCK_ROW": _BUSY,
    "UNKNOWN_EXCEPTION": _DOWN,
    "invalid_grant": _RECONNECT,
    "ALL_OR_NONE_OPERATION_ROLLED_BACK": _TOGETHER,
    "API_CURRENTLY_BUSY": _DOWN,
    "FIELD_NOT_UPDATEABLE": _RIGHTS,
    "INVALID_AUTH_HEADER": _RECONNECT,
    "MALFORMED_QUERY": _OURS,
    "MULTIPLE_CHOICES": _TWIN,
    "PROCESSING_HALTED": _TOGETHER,
    "QUERY_TIMEOUT": _DOWN,
    "REQUEST_RUNNING_TOO_LONG": _DOWN,
    "SERVICE_UNAVAILABLE": _DOWN,
    # Ours
    "CONNECTION": _DOWN,
    "NOT_CONNECTED": _RECONNECT,
    "NO_REFRESH_TOKEN": _RECONNECT,
    "REFRESH_TIMEOUT": _DOWN,
    "TIMEOUT": _DOWN,
    # BigCommerce (HTTP statuses)
    "BC_GARBLED": _DOWN,
    "BC_400": _OURS,
    "BC_401": _STORE,
    "BC_403": _SCOPE,
    "BC_404": _GONE,
    "BC_409": _SAME_KEY,
    "BC_413": _OURS,
    "BC_422": _BAD_DATA,
    "BC_423": _BUSY,
    "BC_429": _SLOW_DOWN,
    "BC_500": _DOWN,
    "BC_502": _DOWN,
    "BC_503": _DOWN,
    "BC_504": _DOWN,
    "BC_507": _PLAN,
}

BY_REMEDY = {
    "wait": _DOWN,
    "data": _BAD_DATA,
    "mapping": _FIELD,
    "reconnect": _RECONNECT,
    "bug": _OURS,
}


EXHAUSTED = "It was tried many times over hours without success. Press Replay; if it fails again, ask support."


def explain(code: str, remedy: str, *, dead: bool = False) -> Explanation:
    """The explanation of a code, else of a kind of remedy. `dead`: what should have healed by itself did not."""
    found = EXPLANATIONS.get(code) or BY_REMEDY.get(remedy, _OURS)
    return replace(found, advice=EXHAUSTED, who=MERCHANT) if dead and found.who == NOBODY else found
