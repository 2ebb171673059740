export interface Option {
  name: string;
  label: string;
  help: string;
  direction: string;
  enabled: boolean;
}

export interface Money {
  currency: string;
  amount: string;
}

/** An input of a vendor's sign-in. */
export interface FormField {
  name: string;
  label: string;
  help: string;
  secret: boolean;
  required: boolean;
  default: string;
}

export type ConnectionState = "setup" | "live" | "paused" | "reauthorize" | "disconnected";

/** Whether a vendor answers; while it does not, one record at a time tries. */
export interface Breaker {
  state: "closed" | "open" | "probing";
  since: string | null;
  until: string | null;
  failures: number;
}

export interface Connection {
  id: number;
  vendor: string;
  label: string;
  environment: string;
  state: ConnectionState;
  account_name: string;
  account_id: string;
  instance_url: string;
  connected_at: string;
  problem: string;
  missing: string[];
  advice: string[];
  channels: string[];
  open_conflicts: number;
  checked_at: string | null;
  hold_until: string | null;
  breaker: Breaker;
  options: Option[];
  counts: { waiting: number; running: number; dead: number; done_today: number };
  money_waiting: Money[];
  last_activity_at: string | null;
  form: FormField[];
  /** How our panel gets into the CRM. */
  panel: "passes" | "package" | "";
}

export interface Vendor {
  vendor: string;
  label: string;
  form: FormField[];
  former: { account_name: string; environment: string; waiting: number } | null;
}

export interface Overview {
  connections: Connection[];
  available: Vendor[];
  /** Consent pages that have not come to an end yet. */
  connecting: { id: number; vendor: string }[];
  store: { hooks_checked_at: string | null; hooks_problem: string; state: ConnectionState; problem: string };
}

export type DeliveryState = "waiting" | "running" | "done" | "dead";

export interface DeliveryError {
  code: string;
  field: string;
  message: string;
  words: string;
  advice: string;
  who: string;
}

export interface Delivery {
  id: number;
  connection_id: number;
  vendor: string;
  vendor_label: string;
  kind: string;
  record_id: string;
  label: string;
  amount: string;
  state: DeliveryState;
  result: string;
  remedy: string;
  error: DeliveryError | null;
  flags: { code: string; message: string }[];
  attempts: number;
  due_at: string;
  created_at: string;
  changed_at: string;
  correlation_id: string;
  crm_url: string | null;
  store_url: string | null;
}

export interface Try {
  number: number;
  started_at: string;
  ms: number;
  result: string;
  error_code: string;
  error_message: string;
  correlation_id: string;
  sent: unknown;
  received: unknown;
}

export interface DeliveryWithTries extends Delivery {
  tries: Try[];
}

export interface Page {
  items: Delivery[];
  total: number;
  /** There are more than `total`, which is where the counting ended. */
  more: boolean;
  page: number;
  pages: number;
}

export interface Filter {
  connection_id?: number;
  state?: DeliveryState;
  kind?: string;
  q?: string;
  page: number;
  page_size: number;
}
