import type { History, HistoryState } from "./api/history";
import type { Label } from "./words";

export const HISTORY_STATES: Record<HistoryState, Label> = {
  counting: { label: "Counting", variant: "primary" },
  ready: { label: "Counted", variant: "primary" },
  running: { label: "Running", variant: "primary" },
  paused: { label: "Paused", variant: "warning" },
  done: { label: "Done", variant: "success" },
  cancelled: { label: "Cancelled", variant: "secondary" },
  failed: { label: "Failed", variant: "danger" },
};

/** In the order in which they are loaded, so that orders find their people and goods. */
export const HISTORY_KINDS = [
  { kind: "company", label: "Companies" },
  { kind: "customer", label: "Customers" },
  { kind: "product", label: "Products" },
  { kind: "order", label: "Orders" },
];

/** How long it still takes; less than a minute is vague enough. */
export function leftWords(duration: string, seconds: number): string {
  return seconds < 60 ? duration.charAt(0).toUpperCase() + duration.slice(1) : `About ${duration}`;
}

/** BigCommerce's own numbers and names of an order's states. */
export const ORDER_STATUSES: [id: string, name: string][] = [
  ["1", "Pending"],
  ["7", "Awaiting Payment"],
  ["11", "Awaiting Fulfillment"],
  ["9", "Awaiting Shipment"],
  ["8", "Awaiting Pickup"],
  ["3", "Partially Shipped"],
  ["2", "Shipped"],
  ["10", "Completed"],
  ["14", "Partially Refunded"],
  ["4", "Refunded"],
  ["5", "Cancelled"],
  ["6", "Declined"],
  ["12", "Manual Verification Required"],
  ["13", "Disputed"],
];

export function isUnfinished({ state }: Pick<History, "state">): boolean {
  return ["counting", "ready", "running", "paused"].includes(state);
}

export function kindLabel(kind: string): string {
  return HISTORY_KINDS.find((one) => one.kind === kind)?.label ?? kind;
}

/** What was chosen, in a line. */
export function choiceWords(history: Pick<History, "kinds" | "since" | "until">, day: (iso: string) => string): string {
  const { kinds, since, until } = history;
  const days = since && until ? `${day(since)} to ${day(until)}` : since ? `from ${day(since)}` : until ? `up to ${day(until)}` : "all";
  return `${kinds.map(kindLabel).join(", ")} · ${days}`;
}
