import { describe, expect, it } from "vitest";

import type { Conflict } from "./api/terms";
import { Formatter, listed, usableLocale, usableZone } from "./format";
import { parseRoute } from "./route";
import { settledBy } from "./termWords";
import { kindOf, outcomeOf, titleOf } from "./words";

const NOW = Date.parse("2026-11-21T12:00:00Z");
const format = new Formatter("en-GB", "Europe/London");

describe("money", () => {
  it("is exact beyond what a float holds, in the currency's own decimals", () => {
    expect(format.amount("90071992547409931.25 GBP")).toBe("£90,071,992,547,409,931.25");
    expect(format.amount("1200 JPY")).toBe("JP¥1,200");
    expect(new Formatter("de-DE").amount("1234.5 EUR")).toBe("1.234,50\u00a0€");
  });

  it("that is not understood stays as it is", () => {
    expect(format.amount("")).toBe("");
    expect(format.amount("a lot")).toBe("a lot");
  });
});

describe("time", () => {
  it.each([
    ["2026-11-21T11:59:57Z", "just now"],
    ["2026-11-21T11:59:20Z", "40 seconds ago"],
    ["2026-11-21T11:15:00Z", "45 minutes ago"],
    ["2026-11-21T09:30:00Z", "2 hours ago"],
    ["2026-11-20T11:00:00Z", "yesterday"],
    ["2026-11-21T12:05:00Z", "in 5 minutes"],
    ["2026-10-01T12:00:00Z", "1 Oct 2026"],
    ["", ""],
  ])("%s is %s", (at, words) => {
    expect(format.ago(at, NOW)).toBe(words);
  });

  it("is exact in the store's time zone, with its name", () => {
    expect(format.exact("2026-07-01T12:00:00Z")).toBe("1 Jul 2026, 13:00:00 BST");
  });
});

describe("odd settings of a store", () => {
  it("fall back instead of breaking the page", () => {
    expect(usableLocale("not a locale")).toBe("en");
    expect(usableLocale(undefined)).toBe("en");
    expect(usableZone("Mars/Olympus")).toBeUndefined();
  });
});

describe("a list that somebody typed in", () => {
  it.each([
    ["", []],
    [" GB, de;fr\nGB ,", ["GB", "de", "fr"]],
    ["Wholesale buyers", ["Wholesale buyers"]],
  ])("%j", (text, meant) => {
    expect(listed(text)).toEqual(meant);
  });
});

describe("routes", () => {
  it.each([
    ["/", { page: "home" }],
    ["/connections", { page: "connections" }],
    ["/deliveries", { page: "activity", deliveryId: undefined }],
    ["/deliveries/42", { page: "activity", deliveryId: 42 }],
    ["/deliveries/42abc", { page: "activity", deliveryId: undefined }],
    ["/connections/3", { page: "account", connectionId: 3, section: "" }],
    ["/connections/3/owners", { page: "account", connectionId: 3, section: "owners" }],
    ["/connections/new", { page: "connections" }],
    ["/conflicts", { page: "conflicts" }],
    ["/something/else", { page: "home" }],
  ])("%s", (path, route) => {
    expect(parseRoute(path)).toEqual(route);
  });
});

describe("words", () => {
  const delivery = {
    id: 1, connection_id: 1, vendor: "salesforce", vendor_label: "Salesforce", kind: "order", record_id: "1001", label: "", amount: "",
    state: "done" as const, result: "unchanged", remedy: "", error: null, flags: [], attempts: 1, due_at: "",
    created_at: "", changed_at: "", correlation_id: "", crm_url: null, store_url: null,
  };

  it("name a record that was never read by kind and number", () => {
    expect(titleOf(delivery)).toBe("Order 1001");
    expect(titleOf({ ...delivery, kind: "customer", record_id: "guest:jane@example.com" })).toBe("Customer jane@example.com");
    expect(titleOf({ ...delivery, label: "Order 1001, Jane Doe" })).toBe("Order 1001, Jane Doe");
  });

  it("name a record of the CRM in its own words", () => {
    const theirs = { ...delivery, kind: "crm:CustomerOrder", record_id: "00163E" };
    expect(titleOf(theirs)).toBe("Customer order from Salesforce 00163E");
    expect(kindOf("crm:Opportunities", "SugarCRM")).toBe("Opportunities from SugarCRM");
    expect(kindOf("crm:BC_Cart__c", "Salesforce")).toBe("BC Cart from Salesforce");
    expect(outcomeOf({ ...theirs, result: "carried" })).toBe("Carried into the store");
  });

  it("say who or what settled a conflict", () => {
    const conflict = { vendor_label: "Salesforce", person: "jo@example.com" } as Conflict;
    expect(settledBy({ ...conflict, settled_by: "rule: crm" })).toBe("by the rule “Salesforce”");
    expect(settledBy({ ...conflict, settled_by: "user: 4" })).toBe("decided by jo@example.com");
    expect(settledBy({ ...conflict, settled_by: "user: 4", person: "" })).toBe("decided by somebody who is gone");
    expect(settledBy({ ...conflict, settled_by: "agreed" })).toBe("both sides have the same again");
  });

  it("say what became of it", () => {
    const error = { code: "X", field: "", message: "", words: "Busy.", advice: "", who: "" };
    expect(outcomeOf(delivery)).toBe("Already up to date");
    expect(outcomeOf({ ...delivery, state: "waiting", error })).toBe("Busy. It is tried again by itself.");
    expect(outcomeOf({ ...delivery, state: "dead", error })).toBe("Busy.");
  });
});
