import type { ConflictState } from "./api/terms";
import type { ConnectionState, Delivery, DeliveryState } from "./api/types";

type Variant = "danger" | "secondary" | "success" | "warning" | "primary";
export interface Label {
  label: string;
  variant: Variant;
}

export const CONNECTION_STATES: Record<ConnectionState, Label> = {
  setup: { label: "Setting up", variant: "primary" },
  live: { label: "Live", variant: "success" },
  paused: { label: "Paused", variant: "warning" },
  reauthorize: { label: "Reconnect", variant: "danger" },
  disconnected: { label: "Disconnected", variant: "secondary" },
};

export const DELIVERY_STATES: Record<DeliveryState, Label> = {
  waiting: { label: "Waiting", variant: "secondary" },
  running: { label: "Running", variant: "primary" },
  done: { label: "Done", variant: "success" },
  dead: { label: "Failed", variant: "danger" },
};

export const CONFLICT_STATES: Record<ConflictState, Label> = {
  open: { label: "Open", variant: "danger" },
  decided: { label: "Decided, being written", variant: "primary" },
  settled: { label: "Settled", variant: "success" },
};

const RESULTS: Record<string, string> = {
  written: "Written to the CRM",
  unchanged: "Already up to date",
  skipped: "Not wanted by the settings",
  archived: "Archived in the CRM",
  replaced: "Replaced by a newer change",
  disconnected: "Closed when Storeline was uninstalled",
  carried: "Carried into the store",
  followed: "Deleted or merged in the CRM; Storeline took note",
  cancelled: "Cancelled with the history that it belonged to",
  conflict: "Changed on both sides: a person decides under Conflicts",
};

const FROM_CRM = "crm:"; // before a kind of the CRM's

const KINDS: Record<string, string> = {
  order: "Order",
  customer: "Customer",
  product: "Product",
  account: "Account",
  variant: "Variant",
  cart: "Cart",
  company: "Company",
  lead: "Lead",
  message: "Message",
  category: "Category",
};

export const KIND_FILTERS = [
  { value: "order", content: "Orders" },
  { value: "customer", content: "Customers" },
  { value: "product", content: "Products" },
  { value: "category", content: "Categories" },
  { value: "cart", content: "Carts" },
  { value: "company", content: "Companies" },
  { value: "message", content: "Messages" },
  { value: FROM_CRM, content: "Edits in the CRM" },
];

const KINDS_MANY: Record<string, string> = { category: "categories", company: "companies" };

/** "order" or "orders", as it goes with a number. */
export function kindsOf(kind: string, count: number, crm = "the CRM"): string {
  const one = kindOf(kind, crm);
  if (isFromCrm(kind)) return count === 1 ? one : one.replace(" from ", " records from ");
  return count === 1 ? one.toLowerCase() : (KINDS_MANY[kind] ?? `${one.toLowerCase()}s`);
}

/** What the switches of a direction are headed with. */
export function directionOf(direction: string, crm: string): string {
  return direction === "to_store" ? "Back to BigCommerce" : `To ${crm}`;
}

/** A kind of record; "crm:Contact" is the CRM's own word for a record of its own. */
export function kindOf(kind: string, crm = "the CRM"): string {
  return kind.startsWith(FROM_CRM) ? `${spaced(kind.slice(FROM_CRM.length))} from ${crm}` : (KINDS[kind] ?? kind);
}

export function isFromCrm(kind: string): boolean {
  return kind.startsWith(FROM_CRM);
}

/** What a delivery is about: its label, or kind and number until the record was first read. */
export function titleOf(delivery: Pick<Delivery, "label" | "kind" | "record_id" | "vendor_label">): string {
  const kind = kindOf(delivery.kind, delivery.vendor_label);
  return delivery.label || `${kind} ${delivery.record_id.replace(/^guest:/, "")}`;
}

/** "CustomerOrder" as people write it. */
function spaced(name: string): string {
  return name.replace(/__c$/, "").replace(/_/g, " ").replace(/([a-z])([A-Z])/g, (_, end: string, start: string) => `${end} ${start.toLowerCase()}`);
}

const RULE = "FIELD_CUSTOM_VALIDATION_EXCEPTION"; // the customer's own words say more than ours

/** What became of a delivery, in one line. */
export function outcomeOf(delivery: Delivery): string {
  if (delivery.error) {
    const said = delivery.error.code === RULE ? `${delivery.error.words} “${delivery.error.message}”` : delivery.error.words;
    return delivery.state === "waiting" ? `${said} It is tried again by itself.` : said;
  }
  if (delivery.state === "done") {
    const words = RESULTS[delivery.result] ?? delivery.result;
    return delivery.vendor_label ? words.replace("the CRM", delivery.vendor_label) : words; // one of several
  }
  return delivery.state === "running" ? "On its way" : "Waiting for its turn";
}
