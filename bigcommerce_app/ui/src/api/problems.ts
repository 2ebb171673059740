import type { DeliveryError } from "./types";

/** Records that do not go for the same reason. */
export interface Cause {
  connection_id: number;
  vendor: string;
  vendor_label: string;
  kind: string;
  error: DeliveryError & { remedy: string };
  /** That need a person. */
  deliveries: number;
  /** That are tried again by themselves. */
  waiting: number;
  orders: number;
  /** Currency -> amount. */
  money: Record<string, string>;
  oldest_at: string;
  newest_at: string;
  /** A delivery of them. */
  example: number;
  labels: string[];
}

export interface CausePage {
  items: Cause[];
  total: number;
  page: number;
  pages: number;
}

export interface CauseFilter {
  connection_id?: number;
  q?: string;
  page: number;
}

export interface ReplayFilter {
  connection_id?: number;
  kind?: string;
  error_code?: string;
  error_field?: string;
}

/** A value of a record that a person may send in another form than the store has it. */
export interface CorrectableField {
  name: string;
  label: string;
  /** The store's. */
  value: string;
  corrected: string | null;
  is_culprit: boolean;
  max_length: number | null;
  type: "text" | "email" | "country";
}

export interface Correctable {
  fields: CorrectableField[];
  store_url: string | null;
  crm_url: string | null;
  can_correct: boolean;
  words: string;
}
