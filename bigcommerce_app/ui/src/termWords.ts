import type { Conflict, Rule } from "./api/terms";

export interface RuleWords {
  label: string;
  meaning: string;
  example: string;
}

/** The six rules of who wins, for a CRM of this name. */
export function ruleWords(crm: string): Record<Rule, RuleWords> {
  return {
    both: {
      label: "Both sides",
      meaning: "An edit on either side is carried to the other. When both were edited, nobody wins until you decide under Conflicts.",
      example: `You correct a phone number in the store: it changes in ${crm}. A sales rep corrects it there: it changes in the store.`,
    },
    latest: {
      label: "The latest edit",
      meaning: "As “Both sides”, but when both were edited the later edit stands.",
      example: `Edited in the store at 9:00 and in ${crm} at 10:00: the one from ${crm} stands.`,
    },
    bigcommerce: {
      label: "BigCommerce",
      meaning: `The store’s value always stands. An edit in ${crm} is taken back, and listed under Conflicts.`,
      example: `A sales rep changes the e-mail address: ${crm} gets the store’s address again.`,
    },
    crm: {
      label: crm,
      meaning: `The value of ${crm} always stands. An edit in the store is taken back, and listed under Conflicts.`,
      example: `A shopper changes the company name: the store gets the name from ${crm} again.`,
    },
    fill_if_empty: {
      label: "Fill if empty",
      meaning: "A value travels only to a side that has none; after that each side keeps its own.",
      example: `${crm} has no phone number yet: it gets the store’s. If it has another one, both keep theirs.`,
    },
    on_create_only: {
      label: "Only when created",
      meaning: "A value travels once, with a new record; after that each side keeps its own.",
      example: `A new customer’s name goes to ${crm}. Later corrections there or here stay where they were made.`,
    },
  };
}

const KINDS: Record<string, string> = {
  customer: "People",
  account: "Accounts of people",
  lead: "Leads",
  company: "Companies",
  variant: "Products",
  order: "Orders",
};

const FIELDS: Record<string, string> = {
  first_name: "First name",
  last_name: "Last name",
  email: "E-mail",
  company: "Company",
  phone: "Phone",
  street_1: "Street",
  street_2: "Street, second line",
  city: "City",
  state: "State or province",
  postal_code: "Postal code",
  country_code: "Country",
  name: "Name",
  price: "Price",
  stock: "Stock",
  status: "Status",
  tracking_number: "Tracking number",
  carrier: "Carrier",
};

const OBJECTS: Record<string, string> = {
  "*": "Everything",
  account: "Accounts",
  lead: "Leads",
  opportunity: "Opportunities",
};

/** Kinds, or the fields of one, in the order in which people think of them. */
export function inOrder<T extends { kind: string; field: string }>(rules: T[]): T[] {
  const [kinds, fields] = [Object.keys(KINDS), Object.keys(FIELDS)];
  return [...rules].sort(
    (a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || fields.indexOf(a.field) - fields.indexOf(b.field),
  );
}

export function ruleKind(kind: string): string {
  return KINDS[kind] ?? kind;
}

export function fieldName(field: string): string {
  return FIELDS[field] ?? field;
}

export function objectName(object: string): string {
  return OBJECTS[object] ?? object;
}

/** Who or what settled a conflict, in one line. */
export function settledBy(conflict: Conflict): string {
  const [by, detail = ""] = conflict.settled_by.split(": ");
  if (by === "user") return `decided by ${conflict.person || "somebody who is gone"}`;
  if (by === "rule") return `by the rule “${ruleWords(conflict.vendor_label)[detail as Rule]?.label ?? detail}”`;
  return by === "agreed" ? "both sides have the same again" : "";
}

export function sideName(side: string, crm: string): string {
  return side === "bigcommerce" ? "BigCommerce" : crm;
}
