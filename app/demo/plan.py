"""From invoices to what is placed in the store: catalogue, customers, orders, refunds. No I/O."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from app.demo.invoices import Invoice, InvoiceLine

SHIPPING = frozenset({"POST", "DOT", "C2"})
FEES = frozenset({"AMAZONFEE", "BANK CHARGES", "CRUK", "B", "PADS"})
DISCOUNT = frozenset({"D"})
CORRECTIONS = frozenset({"M", "S", "ADJUST", "ADJUST2"})  # a fee if positive, else a discount
NOT_GOODS = SHIPPING | FEES | DISCOUNT | CORRECTIONS
ZERO = Decimal(0)
CENT = Decimal("0.01")


def cents(amount: Decimal) -> Decimal:
    """Rounded half up to the cent, as the store does."""
    return amount.quantize(CENT, ROUND_HALF_UP)


@dataclass
class PlannedOrder:
    """An order to place. `goods` are the lines with a product; the amounts are for the whole order."""

    invoice: Invoice
    goods: list[InvoiceLine] = field(default_factory=list)
    shipping: Decimal = ZERO
    discount: Decimal = ZERO
    fees: list[tuple[str, Decimal]] = field(default_factory=list)
    skipped: int = 0  # lines with nothing to sell and nothing to take off

    @property
    def total(self) -> Decimal:
        goods = sum((cents(line.amount) for line in self.goods), ZERO)
        return goods + self.shipping + sum((amount for _, amount in self.fees), ZERO) - self.discount

    @property
    def has_fractions(self) -> bool:
        """Whether a line's amount is not in whole cents."""
        return any(line.amount != cents(line.amount) for line in self.goods)

    def discounted(self) -> list[Decimal]:
        """Each line's amount less its share of the discount, which the store spreads by amount, to the cent."""
        base = sum((line.amount for line in self.goods), ZERO)
        left = min(self.discount, base)
        result = []
        for line in self.goods:
            part = min(cents(left * line.amount / base), line.amount) if line.amount else ZERO
            base -= line.amount
            left -= part
            result.append(line.amount - part)
        return result


@dataclass
class PlannedRefund:
    """Goods (by position of the order's lines, with quantities) and an amount to give back on a placed order."""

    invoice: Invoice
    order: PlannedOrder
    goods: dict[int, int] = field(default_factory=dict)
    amount: Decimal = ZERO
    worth: Decimal = ZERO  # what the store gives back for the goods
    skipped: int = 0  # lines of no pieces

    @property
    def total(self) -> Decimal:
        return self.worth + self.amount


@dataclass(frozen=True)
class Product:
    """A product of the catalogue."""

    code: str
    name: str
    price: Decimal


@dataclass
class Plan:
    """Everything to place, in the order of time."""

    products: list[Product] = field(default_factory=list)
    customers: dict[str, str] = field(default_factory=dict)  # number -> country
    steps: list[PlannedOrder | PlannedRefund] = field(default_factory=list)
    unmatched: list[Invoice] = field(default_factory=list)  # what goes back, but on no order that we know

    @property
    def orders(self) -> list[PlannedOrder]:
        return [step for step in self.steps if isinstance(step, PlannedOrder)]

    @property
    def refunds(self) -> list[PlannedRefund]:
        return [step for step in self.steps if isinstance(step, PlannedRefund)]

    @property
    def skipped(self) -> int:
        """Lines of placed orders and refunds that say nothing: no pieces, or written off at no price."""
        return sum(step.skipped for step in self.steps)


def plan(invoices: Sequence[Invoice]) -> Plan:
    """What to place for these invoices; what fits nowhere is in `unmatched`, lines left out are counted."""
    result = Plan(products=_products(invoices))
    ledger = _Ledger()
    for invoice in invoices:
        if invoice.customer:
            result.customers.setdefault(invoice.customer, invoice.country)
        order = None if invoice.is_cancellation else _order(invoice)
        if order is not None:
            result.steps.append(order)
            ledger.add(order)
            continue
        refund = ledger.refund(invoice)
        if refund is not None:
            result.steps.append(refund)
        else:
            result.unmatched.append(invoice)
    return result


def _order(invoice: Invoice) -> PlannedOrder | None:
    """None if there is nothing to sell: an invoice that only takes off."""
    order = PlannedOrder(invoice)
    for line in invoice.lines:
        if line.code in SHIPPING and line.amount >= 0:
            order.shipping += cents(line.amount)
        elif line.amount < 0 or line.code in DISCOUNT:
            order.discount += cents(abs(line.amount))
        elif line.code in NOT_GOODS:
            order.fees.append((line.description or line.code, cents(line.amount)))
        elif line.quantity > 0:
            order.goods.append(line)
        else:
            order.skipped += 1
    has_something = order.goods or order.shipping or order.fees
    return order if has_something and order.total >= 0 else None


def _products(invoices: Sequence[Invoice]) -> list[Product]:
    names: dict[str, Counter[str]] = defaultdict(Counter)
    prices: dict[str, Counter[Decimal]] = defaultdict(Counter)
    for invoice in invoices:
        for line in invoice.lines:
            if line.code in NOT_GOODS:
                continue
            names[line.code][line.description if any(map(str.isalnum, line.description)) else ""] += 1
            prices[line.code][max(line.unit_price, ZERO)] += 1
    return [Product(code, _name(code, names[code]), prices[code].most_common(1)[0][0]) for code in sorted(names)]


def _name(code: str, seen: Counter[str]) -> str:
    """The description met most, made unique by the code; names of the warehouse's notes lose to longer ones."""
    named = [name for name, _ in seen.most_common() if name.isupper()] or [
        name for name, _ in seen.most_common() if name
    ]
    return f"{named[0]} ({code})" if named else code


class _Ledger:
    """Which goods and how much money of which order can still be given back."""

    def __init__(self) -> None:
        self._orders: dict[str, list[PlannedOrder]] = defaultdict(list)
        self._left: dict[str, list[int]] = {}  # number of the order -> quantity left per line
        self._worth: dict[str, Decimal] = {}

    def add(self, order: PlannedOrder) -> None:
        number = order.invoice.number
        self._left[number] = [line.quantity for line in order.goods]
        self._worth[number] = order.total
        if order.invoice.customer:
            self._orders[order.invoice.customer].append(order)

    def refund(self, invoice: Invoice) -> PlannedRefund | None:
        """The refund of the customer's latest order that holds all of the goods, or None."""
        for order in reversed(self._orders.get(invoice.customer, [])):
            refund = self._refund_of(order, invoice)
            if refund is not None:
                left = self._left[order.invoice.number]
                for position, quantity in refund.goods.items():
                    left[position] -= quantity
                self._worth[order.invoice.number] -= refund.total
                return refund
        return None

    def _refund_of(self, order: PlannedOrder, invoice: Invoice) -> PlannedRefund | None:
        refund = PlannedRefund(invoice, order)
        left = list(self._left[order.invoice.number])
        for line in invoice.lines:
            if line.code in NOT_GOODS:
                refund.amount -= cents(line.amount)
            elif line.quantity > 0:
                return None  # goods that also go out: a refund would lose them
            elif line.quantity == 0:
                refund.skipped += 1
            elif not _take(refund, left, line):
                return None
        refund.worth = self._worth_of(refund)
        affordable = 0 < refund.total <= self._worth[order.invoice.number] and refund.amount >= 0
        return refund if affordable else None

    def _worth_of(self, refund: PlannedRefund) -> Decimal:
        """The store rounds on the running sum: all refunds of a line together are exactly its discounted amount."""
        left, discounted = self._left[refund.order.invoice.number], refund.order.discounted()
        worth = ZERO
        for position, quantity in refund.goods.items():
            bought, amount = refund.order.goods[position].quantity, discounted[position]
            before = bought - left[position]
            worth += cents(amount * (before + quantity) / bought) - cents(amount * before / bought)
        return worth


def _take(refund: PlannedRefund, left: list[int], line: InvoiceLine) -> bool:
    """Put a returned line on the order's lines of the same code; False if they hold fewer pieces."""
    wanted = -line.quantity
    for position, own in enumerate(refund.order.goods):
        taken = min(left[position], wanted) if own.code == line.code else 0
        if taken > 0:
            refund.goods[position] = refund.goods.get(position, 0) + taken
            left[position] -= taken
            wanted -= taken
    return wanted == 0
