/** Both sides of one currency; amounts are net, as decimals in text. */
export interface MoneyTotal {
  currency: string;
  store_orders: number;
  crm_orders: number;
  store_total: string;
  crm_total: string;
  drift: string;
  /** Orders that differ. */
  differences: number;
}

export interface MoneyDay extends MoneyTotal {
  day: string;
  checked_at: string;
}

/** A comparison of both sides over a range of days. */
export interface MoneyRun {
  id: number;
  state: "waiting" | "running" | "done" | "failed";
  since: string;
  until: string;
  /** Empty: nobody, it was its time. */
  asked_by: string;
  is_nightly: boolean;
  days: number;
  days_done: number;
  orders: number;
  differences: number;
  repaired: number;
  problem: string;
  started_at: string;
  finished_at: string | null;
}

export interface MoneyPage {
  items: MoneyDay[];
  totals: MoneyTotal[];
  covered_since: string | null;
  run: MoneyRun | null;
  total: number;
  page: number;
  pages: number;
}

export interface Days {
  since?: string;
  until?: string;
}

export type DifferenceKind = "missing" | "extra" | "amount" | "currency" | "twice";

/** An order that is not the same on both sides. */
export interface Difference {
  id: number;
  order_id: string;
  day: string;
  kind: DifferenceKind;
  currency: string;
  store_net: string | null;
  crm_net: string | null;
  drift: string;
  found_at: string;
  settled_at: string | null;
  crm_url: string | null;
  store_url: string | null;
  /** By people in the CRM: it is made anew only when somebody asks for that. */
  is_deleted: boolean;
  delivery: { id: number; state: string; error_code: string } | null;
}

export interface DifferencePage {
  items: Difference[];
  total: number;
  page: number;
  pages: number;
}

export interface DifferenceFilter {
  day?: string;
  currency?: string;
  state: "open" | "settled";
  page: number;
}
