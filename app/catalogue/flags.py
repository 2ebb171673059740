"""Codes of what a person should look at although the record arrived."""

from __future__ import annotations

from app.catalogue.causes import ADMIN, MERCHANT, NOBODY, Explanation

_DELETED = Explanation(
    "Somebody deleted the record in the CRM, so it is not written again.",
    "Nothing, if that was meant. To have it again: restore it there, or press Replay to have it made anew.",
    ADMIN,
)
_SEVERAL = Explanation(
    "Several records in the CRM fit, and Storeline does not guess which one is meant.",
    "Merge them in the CRM, or write our key on the right one.",
    ADMIN,
)
_LEAD = Explanation(
    "The lead could not be turned into a customer; the order itself arrived.",
    "Convert or close the lead by hand in the CRM.",
    ADMIN,
)
_EMAIL = Explanation(
    "The CRM does not take the e-mail address, so the record is there without it.",
    "Correct the address here or in the store.",
    MERCHANT,
)

FLAGS = {
    "DELETED_THERE": _DELETED,
    "MERGED_THERE": Explanation(
        "The record was merged into another one in the CRM.", "Nothing: the other one is kept in step.", NOBODY
    ),
    "RECREATED": Explanation(
        "The record had been deleted in the CRM and was needed, so it was made anew.",
        "Nothing, if that is right.",
        ADMIN,
    ),
    "LEFT_OUT": Explanation(
        "A part that the record can do without was refused by the CRM.",
        "See the CRM's words, have the cause mended, then press Replay.",
        ADMIN,
    ),
    "PLACEHOLDER_LINE": Explanation(
        "A line is on the placeholder product, because its own product is not to be used in the CRM.",
        "Activate or restore the product in the CRM, then press Replay. The order's total is right either way.",
        ADMIN,
    ),
    "TENANT_PRICES": Explanation(
        "The CRM prices the order by itself and shows another total than the store.",
        "Let the CRM take external prices, then press Replay.",
        ADMIN,
    ),
    "CANCELLED_THERE": Explanation(
        "The order was cancelled in the CRM but not in the store.",
        "Cancel it in the store too, or take the cancellation back in the CRM.",
        MERCHANT,
    ),
    "KEY_NOT_KEPT": Explanation(
        "The CRM did not keep our key on the record; it is found by what we remember.",
        "Let the connected user write the key field, then press “Check again” under Connections.",
        ADMIN,
    ),
    "INVALID_EMAIL": _EMAIL,
    "NO_EMAIL": Explanation(
        "Somebody in the CRM has no e-mail address and cannot be a customer of the store.",
        "Add an address in the CRM; the person follows by itself.",
        ADMIN,
    ),
    "AMBIGUOUS_PERSON": _SEVERAL,
    "AMBIGUOUS_COMPANY": _SEVERAL,
    "AMBIGUOUS_PRODUCT": _SEVERAL,
    "POSSIBLE_DUPLICATE": Explanation(
        "The CRM may hold the same person twice.", "Look at both records and merge them if they are one.", ADMIN
    ),
    "LEAD_NOT_CONVERTED": _LEAD,
    "NOT_CONVERTED": _LEAD,
    "LEAD_OPEN": _LEAD,
    "NOT_TAKEN": Explanation(
        "The store did not take over what people changed in the CRM; both keep their own.",
        "Correct the value in the CRM, or change it in the store.",
        ADMIN,
    ),
    "WAITS": Explanation(
        "The store takes this value only together with another one that is still missing in the CRM.",
        "Fill in the missing value in the CRM.",
        ADMIN,
    ),
    "CORRECTED": Explanation(
        "A value that somebody corrected in Storeline was sent in place of the store's.",
        "Nothing; better still, correct it in the store: the correction then ends by itself.",
        MERCHANT,
    ),
    "CORRECTION_OVER": Explanation(
        "The store's value has changed since it was corrected in Storeline, so the store's is sent again.",
        "Nothing, if the store is right; else correct it anew.",
        MERCHANT,
    ),
}
