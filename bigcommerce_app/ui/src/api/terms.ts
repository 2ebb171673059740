export const RULES = ["both", "latest", "bigcommerce", "crm", "fill_if_empty", "on_create_only"] as const;
export type Rule = (typeof RULES)[number];

export interface FieldRule {
  kind: string;
  field: string;
  rule: Rule;
  /** Whether a switch lets edits of this field back into the store at all. */
  travels: boolean;
  /** Labels of the switches that do. */
  switches: string[];
}

export interface OwnerRule {
  object: string;
  countries: string[];
  groups: string[];
  at_least: string;
  owners: string[];
}

/** Kind -> field or * -> rule. */
export type Chosen = Record<string, Record<string, Rule>>;

export interface Terms {
  by_field: FieldRule[];
  chosen: Chosen;
  objects: string[];
  owners: OwnerRule[];
  channels: string[];
  hook_address: string;
}

export type TermsChange = Partial<{ rules: Chosen; owners: OwnerRule[]; channels: string[] }>;

export interface CrmUser {
  id: string;
  name: string;
  email: string;
}

export type ConflictState = "open" | "decided" | "settled";
export type Side = "bigcommerce" | "crm";

export interface Conflict {
  id: number;
  connection_id: number;
  vendor: string;
  vendor_label: string;
  record_kind: string;
  record_id: string;
  label: string;
  field: string;
  bigcommerce: string;
  crm: string;
  /** What both had before; null: they never agreed. */
  agreed: string | null;
  state: ConflictState;
  winner: Side | "";
  /** `rule: <rule>`, `user: <id>`, `agreed`, or nothing. */
  settled_by: string;
  person: string;
  created_at: string;
  changed_at: string;
  crm_url: string | null;
  store_url: string | null;
}

export interface ConflictPage {
  items: Conflict[];
  total: number;
  page: number;
  pages: number;
}

export interface ConflictFilter {
  connection_id?: number;
  state?: ConflictState;
  q?: string;
  page: number;
  page_size: number;
}

/** Who may open the panel in a CRM that signs nothing. */
export interface PanelPass {
  id: number;
  user_id: string;
  user_name: string;
  made_at: string;
  expires_at: string;
  seen_at: string | null;
  is_paired: boolean;
}

export interface PanelPasses {
  /** Where the CRM finds the panel. */
  url: string;
  items: PanelPass[];
}

export interface PanelCode {
  id: number;
  code: string;
  expires_at: string;
}
