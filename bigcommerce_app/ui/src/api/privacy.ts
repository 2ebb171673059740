export interface Person {
  customer_id: string;
  name: string;
  email: string;
  orders: number;
  is_guest: boolean;
}

export interface PersonPage {
  items: Person[];
  total: number;
  page: number;
  pages: number;
}

export interface PrivacyRequest {
  id: number;
  action: "export" | "erase";
  requested_by: string;
  requested_at: string;
  done_at: string | null;
  counts: Record<string, number>;
  /** What it does not reach. */
  words: string;
}

export interface PrivacyRequestPage {
  items: PrivacyRequest[];
  total: number;
  page: number;
  pages: number;
}

export interface Retention {
  retention_days: number;
  payload_days: number;
  uninstall_days: number;
  receipt_url: string;
}
