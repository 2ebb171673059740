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

const RESULTS: Record<string, string> = {
  written: "Written to the CRM",
  unchanged: "Already up to date",
  skipped: "Not wanted by the settings",
  archived: "Archived in the CRM",
  replaced: "Replaced by a newer change",
  disconnected: "Closed when the CRM was disconnected",
};

const KINDS: Record<string, string> = {
  order: "Order",
  customer: "Customer",
  product: "Product",
  account: "Account",
  variant: "Variant",
};

export const KIND_FILTERS = [
  { value: "order", content: "Orders" },
  { value: "customer", content: "Customers" },
  { value: "product", content: "Products" },
];

export const DIRECTIONS: Record<string, string> = {
  to_crm: "From the store to the CRM",
  to_store: "From the CRM to the store",
};

export function kindOf(kind: string): string {
  return KINDS[kind] ?? kind;
}

/** What a delivery is about: its label, or kind and number until the record was first read. */
export function titleOf(delivery: Pick<Delivery, "label" | "kind" | "record_id">): string {
  return delivery.label || `${kindOf(delivery.kind)} ${delivery.record_id.replace(/^guest:/, "")}`;
}

const RULE = "FIELD_CUSTOM_VALIDATION_EXCEPTION"; // the customer's own words say more than ours

/** What became of a delivery, in one line. */
export function outcomeOf(delivery: Delivery): string {
  if (delivery.error) {
    const said = delivery.error.code === RULE ? `${delivery.error.words} “${delivery.error.message}”` : delivery.error.words;
    return delivery.state === "waiting" ? `${said} It is tried again by itself.` : said;
  }
  if (delivery.state === "done") return RESULTS[delivery.result] ?? delivery.result;
  return delivery.state === "running" ? "On its way" : "Waiting for its turn";
}
