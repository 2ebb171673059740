"""What can be done at once about a record that SAP refused; everything else is an error for a person."""

from __future__ import annotations

from app.connectors.base import Flag
from app.connectors.sap_sales_cloud.errors import CONFLICT
from app.connectors.sap_sales_cloud.items import REFUNDS
from app.connectors.sap_sales_cloud.people import BAD_EMAIL
from app.connectors.sap_sales_cloud.products import goods
from app.connectors.sap_sales_cloud.steps import Job
from app.domain import Order
from app.errors import Misconfigured, NotFound, Reauthorize, Rejected

# A property that a record can do without, and the words by which SAP speaks of it.
_DROPPABLE = (
    ("Email", ("e-mail", "email")),
    ("StateCode", ("state", "region")),
    ("OwnerID", ("owner",)),
    ("EmployeeResponsiblePartyID", ("employee",)),
)


def cure(job: Job) -> bool:
    """Change how the job is planned so that another try may pass; False: nothing (more) can be done."""
    error, stumbled = job.error, job.stumbled
    job.stumbled = False
    if error is None:
        return stumbled  # over what `mended` says
    cured = stumbled or (error.code == CONFLICT and _once(job, "conflict"))
    if not cured and isinstance(error, Rejected) and not isinstance(error, Misconfigured | Reauthorize):
        cured = _cure_data(job, error)
    if cured:
        job.mended, job.error = error, None
    return cured


def _cure_data(job: Job, error: Rejected) -> bool:
    words = error.message.casefold()
    if isinstance(error, NotFound):
        return _look_again(job)
    return (
        _net(job, words) or _drop(job, words) or _close(job) or _look_again(job) or _replace(job, words, error.message)
    )


def _once(job: Job, remedy: str) -> bool:
    if remedy in job.tried:
        return False
    job.tried.add(remedy)
    return True


def _look_again(job: Job) -> bool:
    """What we knew may be stale: a buyer made obsolete, a product deleted, a record that was there after all."""
    if not _once(job, "fresh"):
        return False
    job.forget()
    return True


def _drop(job: Job, words: str) -> bool:
    for name, said in _DROPPABLE:
        if any(word in words for word in said) and name not in job.dropped and _is_sent(job, name):
            job.dropped.add(name)
            if name == "Email":
                text = "SAP does not take the e-mail address; the record has none there."
                job.flags.append(Flag(BAD_EMAIL, text))
            return True
    return False


def _net(job: Job, words: str) -> bool:
    """A tenant without negative items shows the net in its lines, and the gross in the order's name."""
    order = job.write.record
    if not isinstance(order, Order) or not order.refunds or REFUNDS in job.dropped or "negative" not in words:
        return False
    job.dropped.add(REFUNDS)
    return True


def _is_sent(job: Job, name: str) -> bool:
    return any(name in (operation.body or {}) for change in job.changes for operation in change.operations)


def _close(job: Job) -> bool:
    """A lead that cannot be converted is closed as won instead."""
    return any(change.identity.startswith("convert:") for change in job.changes) and _once(job, "convert")


def _replace(job: Job, words: str, message: str) -> bool:
    """One bad line never loses the order: it goes on the placeholder product, if need be all lines on none.

    SAP names one product an answer: after the second that it refuses no other is tried.
    """
    order = job.write.record
    if not isinstance(order, Order):
        return False
    sold = {}
    for line in order.settled():
        variant = goods(line, order.currency)
        if variant is not None and variant.id not in job.unusable:
            place = job.place("variant", variant.id)
            sold[variant.id] = (place.children[0] if place is not None and place.children else variant.sku).casefold()
    named = {variant for variant, product in sold.items() if product and product in words}
    if named and (_once(job, "first product") or _once(job, "second product")):
        job.unusable |= dict.fromkeys(named, message)
        return True
    if sold and (named or _once(job, "lines")):
        job.unusable |= dict.fromkeys(sold, message)
        return True
    if "ProductID" not in job.dropped:
        job.dropped.add("ProductID")
        return True
    return False
