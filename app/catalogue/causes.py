"""What may be wrong, in plain words: causes that several vendors' codes share. Data only."""

from __future__ import annotations

from dataclasses import dataclass

MERCHANT = "You, in the store"
ADMIN = "Your CRM administrator"
US = "Storeline's support"
NOBODY = "Nobody: it heals by itself"

WAIT, DATA, MAPPING, RECONNECT, BUG = "wait", "data", "mapping", "reconnect", "bug"  # remedies of app.errors


@dataclass(frozen=True)
class Explanation:
    """An error for people: what happened, what to do, who can do it."""

    words: str
    advice: str
    who: str


@dataclass(frozen=True)
class Entry:
    """A code of a vendor's: what it means, the kind of remedy, and where the fact is from."""

    cause: Explanation
    remedy: str
    source: str


LIMIT = Explanation(
    "The CRM's daily allowance of API calls is used up.",
    "Storeline goes on by itself as soon as calls are free again. If it happens often, ask for a larger allowance or "
    "see which other app uses it.",
    NOBODY,
)
BUSY = Explanation(
    "Somebody or something else was changing the same record at that moment.",
    "Nothing to do: it is tried again in a moment.",
    NOBODY,
)
DOWN = Explanation(
    "The other side did not answer, or is being maintained.",
    "Nothing to do: it is tried again, at growing intervals.",
    NOBODY,
)
SLOW_DOWN = Explanation(
    "BigCommerce asked for a pause: the store's apps made many calls at once.",
    "Nothing to do: it is tried again when the pause is over.",
    NOBODY,
)
RIGHTS = Explanation(
    "The CRM user that connected Storeline may not read or write this record or field.",
    "Give that user the permission set “Storeline” (or edit rights on the field that is named), then press Replay.",
    ADMIN,
)
FIELD = Explanation(
    "The CRM does not have a field or an object that Storeline writes to.",
    "Open Connections and press “Check again”: it creates what is missing or names it. Then press Replay.",
    ADMIN,
)
REQUIRED = Explanation(
    "The CRM insists on a field that has no value in the store.",
    "Fill it in in the store, or have the field made optional (or given a default) in the CRM, then press Replay.",
    ADMIN,
)
RULE = Explanation(
    "A validation rule of your CRM refused the record.",
    "Change the data so that the rule is met, or exempt Storeline's user from the rule, then press Replay.",
    ADMIN,
)
PICKLIST = Explanation(
    "The CRM allows only certain values in this field, and the store's value is not one of them.",
    "Add the value to the picklist, or unrestrict it, then press Replay.",
    ADMIN,
)
LONG = Explanation(
    "The value is longer than the CRM's field.",
    "Shorten it in the store, or have the field made longer in the CRM, then press Replay.",
    MERCHANT,
)
EMAIL = Explanation(
    "The CRM does not accept this e-mail address.",
    "Correct the address on the customer or the order in the store; it is sent again when you save.",
    MERCHANT,
)
TWIN = Explanation(
    "The CRM already holds a record that looks like this one, and its duplicate rules refuse a second.",
    "Merge the records in the CRM, or let the duplicate rule alert instead of block for Storeline's user, then replay.",
    ADMIN,
)
SAME_KEY = Explanation(
    "Another record in the CRM already has this value in a field where each value may appear once.",
    "Find that record in the CRM, then merge the two or clear the value there, then press Replay.",
    ADMIN,
)
GONE = Explanation(
    "The record is no longer there: it was deleted on one side.",
    "If it should exist, restore it from the recycle bin and press Replay; otherwise nothing is to be done.",
    ADMIN,
)
REFERENCE = Explanation(
    "The record refers to another one that does not exist in the CRM, or that Storeline's user cannot see.",
    "Check that the account, contact or product still exists and is shared with that user, then press Replay.",
    ADMIN,
)
AUTOMATION = Explanation(
    "A flow or trigger in your CRM failed while the record was being saved.",
    "Have the flow or trigger that is named mended, then press Replay.",
    ADMIN,
)
STORAGE = Explanation(
    "The CRM's storage is full.",
    "Free or buy storage in the CRM, then press “Replay all failed”.",
    ADMIN,
)
EDITION = Explanation(
    "This edition of the CRM, or this user's profile, has no access to the API.",
    "Turn on “API Enabled” for the user that connected Storeline, or use an edition with API access.",
    ADMIN,
)
RECONNECT_IT = Explanation(
    "The authorisation was revoked or has run out.",
    "Open Connections and press “Reconnect”. What has gathered meanwhile is sent by itself.",
    MERCHANT,
)
STORE = Explanation(
    "The store no longer accepts Storeline: its access was withdrawn or has changed.",
    "Open Storeline from Apps in the control panel once; if it asks for permissions, accept them. What has gathered "
    "meanwhile is sent by itself.",
    MERCHANT,
)
SCOPE = Explanation(
    "The store did not grant Storeline a permission that it needs.",
    "Open Storeline from Apps and accept the permissions that it asks for, or install it again.",
    MERCHANT,
)
PLAN = Explanation(
    "The store's plan does not allow more records of this kind.",
    "Remove what is no longer used, or change the store's plan, then press Replay.",
    MERCHANT,
)
TOGETHER = Explanation(
    "A record that was sent together with this one was refused, so this one was held back.",
    "See to the record that failed at the same time; then press Replay.",
    ADMIN,
)
OURS = Explanation(
    "Storeline met something that it was not made for.",
    "Tell our support the correlation id below. Nothing is lost: after the mending it can be replayed.",
    US,
)
BAD_DATA = Explanation(
    "The other side refused the data; its own words are quoted here.",
    "Correct the data that is named, then press Replay.",
    MERCHANT,
)
VALUE = Explanation(
    "The CRM cannot read this value: it has another form, or is not in the CRM's list.",
    "Correct the value here or in the store, or add it to the CRM's list, then press Replay.",
    MERCHANT,
)
DATE_OR_NUMBER = Explanation(
    "A number is outside of what the CRM's field can hold.",
    "Have the field made larger in the CRM, or correct the number in the store, then press Replay.",
    ADMIN,
)
PRODUCT = Explanation(
    "The CRM does not sell this product: it is unknown there, obsolete, or not in the sales area.",
    "Activate the product in the CRM and add it to the sales area, then press Replay.",
    ADMIN,
)
PARTNER = Explanation(
    "The CRM does not know the customer or employee that the record names, or has made them obsolete.",
    "Restore that customer or employee in the CRM, then press Replay.",
    ADMIN,
)
STATUS = Explanation(
    "The CRM's record is in a status from which it cannot go where the store's order is.",
    "Set the record's status by hand in the CRM, or allow the change there, then press Replay.",
    ADMIN,
)
APPROVAL = Explanation(
    "The record is being approved in the CRM and cannot be changed meanwhile.",
    "Nothing to do: it is updated once the approval is over. To go on at once, withdraw the approval in the CRM.",
    NOBODY,
)
NEGATIVE = Explanation(
    "The CRM takes no negative amounts, which refunds and discounts need.",
    "Allow negative items for the document type in the CRM, then press Replay.",
    ADMIN,
)
ACTIVATED = Explanation(
    "The order is activated in the CRM, and its rules do not let it be changed like this.",
    "Set the order back to draft, or allow the connected user to edit activated orders, then press Replay.",
    ADMIN,
)
SEVERAL = Explanation(
    "Several records of the CRM carry the same key of ours.",
    "Merge them in the CRM, then press Replay.",
    ADMIN,
)
VERSION = Explanation(
    "The CRM no longer offers the version of its interface that Storeline uses.",
    "Tell our support; nothing is lost, and what has gathered is sent after the update.",
    US,
)
GATEWAY = Explanation(
    "Something in front of the other side answered in its place: a proxy, a sign-in page, a notice.",
    "Nothing to do if it passes. If it stays, ask whoever runs your network or the CRM's host.",
    NOBODY,
)
QUEUED = Explanation(
    "The order or record that this one belongs to is not there yet.",
    "Nothing to do: it goes as soon as that one has arrived. If that one failed, see to it first.",
    NOBODY,
)
NOT_READY = Explanation(
    "The CRM is not set up for this yet: something that Storeline needs is missing there.",
    "Open Connections, press “Check again” and follow what is said there. Then press Replay.",
    ADMIN,
)
CURRENCY = Explanation(
    "The CRM does not have the order's currency.",
    "Add the currency in the CRM, press “Check again” under Connections, then Replay.",
    ADMIN,
)
BUYER = Explanation(
    "The order's buyer has no place in the CRM that the order could name.",
    "See to the customer's own failure, or create them in the CRM; then press Replay.",
    ADMIN,
)
STORE_DATA = Explanation(
    "The store sent the record in a form that Storeline does not know.",
    "Tell our support the correlation id below. Nothing is lost: after the mending it can be replayed.",
    US,
)
STORE_REFUSED = Explanation(
    "The store did not take over what people changed in the CRM.",
    "Correct the value in the CRM, or make the change in the store by hand; then press Replay.",
    ADMIN,
)
FEATURE = Explanation(
    "The store's plan or permissions do not include this part of BigCommerce.",
    "Switch this part off under Connections, or add it to the store's plan and open Storeline once more.",
    MERCHANT,
)
FORM = Explanation(
    "Something in the form is missing or wrong.",
    "Correct the field that is named and try again.",
    MERCHANT,
)
HOST = Explanation(
    "No CRM answers at this address.",
    "Check the address of the CRM: it is the one in your browser when you are signed in there.",
    MERCHANT,
)
START_AGAIN = Explanation(
    "The connection was started too long ago, in another browser, or was not finished.",
    "Open Connections and start again; the page that opens has to be finished within a few minutes.",
    MERCHANT,
)
FORGED = Explanation(
    "A message to Storeline did not prove where it came from, and was turned away.",
    "Nothing to do; whatever really happened in the store is found by comparing anyway.",
    NOBODY,
)
SIGN_IN = Explanation(
    "The code or browser is not known, or was used too often.",
    "Get a new code from the connection's settings and type it in once.",
    MERCHANT,
)
BUDGET_SPENT = Explanation(
    "Storeline's share of the CRM's calls is used up.",
    "It goes on by itself when the allowance is renewed. To go on sooner, raise the share under Connections.",
    NOBODY,
)
WORKER = Explanation(
    "The program that carried this record ended more than once while doing so.",
    "Tell our support the correlation id below; then press Replay.",
    US,
)
SAME_KEY_HERE = Explanation(
    "The store already has another record with this value, which may be there only once.",
    "Change the value in the CRM, or on the store's other record, then press Replay.",
    MERCHANT,
)
BUSY_HERE = Explanation(
    "The store was changing the same record at that moment.",
    "Nothing to do: it is tried again in a moment.",
    NOBODY,
)
GONE_HERE = Explanation(
    "The record is no longer in the store.",
    "Nothing, if it was deleted on purpose.",
    MERCHANT,
)
CLOSED = Explanation(
    "The store is in maintenance, suspended or not paid for.",
    "Nothing to do while BigCommerce works on it; else see to the store's plan in the control panel.",
    NOBODY,
)
NO_EMAIL = Explanation(
    "A customer of the store needs an e-mail address.",
    "Add the address to the person in the CRM, then press Replay.",
    ADMIN,
)
ERASED = Explanation(
    "The person's data were erased on request, so nothing about them is carried any more.",
    "Nothing, if the request was right.",
    MERCHANT,
)
NO_ORDERS = Explanation(
    "Orders are switched off for this connection, so there is nothing to compare or to send.",
    "Switch orders on under Connections, if they are wanted in the CRM.",
    MERCHANT,
)
UNDER_WAY = Explanation(
    "The same is already under way.",
    "Nothing to do: wait for its end, then ask again.",
    NOBODY,
)
