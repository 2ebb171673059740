import { describe, expect, it } from "vitest";

import type { Conflict } from "./api/terms";
import { Formatter, isZero, listed, usableLocale, usableZone } from "./format";
import { choiceWords } from "./historyWords";
import { differenceWords, repairWords } from "./moneyWords";
import { filterOf, parseRoute } from "./route";
import { settledBy } from "./termWords";
import { kindOf, kindsOf, outcomeOf, titleOf } from "./words";

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
    ["/deliveries", { page: "activity", deliveryId: undefined, query: "" }],
    ["/deliveries/42", { page: "activity", deliveryId: 42, query: "" }],
    ["/deliveries/42abc", { page: "activity", deliveryId: undefined, query: "" }],
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

describe("days and lengths of time", () => {
  it("shows a day of the calendar as that day in every zone", () => {
    expect(new Formatter("en-GB", "Pacific/Kiritimati").day("2026-11-21")).toBe("21 Nov 2026");
    expect(new Formatter("en-GB", "Pacific/Pago_Pago").day("2026-11-21")).toBe("21 Nov 2026");
    expect(format.day("never")).toBe("");
  });

  it("knows the store's own calendar, also across the end of summer time", () => {
    const late = Date.parse("2026-11-21T23:30:00Z");
    expect(new Formatter("en", "Asia/Tokyo").calendarDay(late)).toBe("2026-11-22");
    expect(new Formatter("en", "America/New_York").calendarDay(late)).toBe("2026-11-21");
    expect(new Formatter("en", "Europe/London").calendarDay(Date.parse("2026-10-26T00:30:00Z"), 1)).toBe("2026-10-25");
    expect(format.calendarDay(NOW, 6)).toBe("2026-11-15");
  });

  it.each([
    [0, "less than a minute"],
    [59, "less than a minute"],
    [60, "1 minute"],
    [3_599, "1 hour"],
    [4_800, "1 hour 20 minutes"],
    [90_000, "1 day 1 hour"],
    [86_460, "1 day"],
  ])("%i seconds: %s", (seconds, words) => expect(format.duration(seconds)).toBe(words));
});

describe("the proof of money", () => {
  it("knows nothing from something in any decimals", () => {
    expect(["0", "0.00", "-0.000"].every(isZero)).toBe(true);
    expect(["0.01", "-0.001", "10"].some(isZero)).toBe(false);
  });

  it("says how an order differs and how far its repair is", () => {
    expect(differenceWords("missing", "SugarCRM")).toBe("Not in SugarCRM");
    const one = { kind: "amount", delivery: null } as Parameters<typeof repairWords>[0];
    expect(repairWords(one, "SugarCRM")).toBe("");
    expect(repairWords({ ...one, is_deleted: true }, "SugarCRM")).toContain("deleted it in SugarCRM");
    expect(repairWords({ ...one, delivery: { id: 1, state: "done", error_code: "" } }, "SugarCRM")).toContain("next check");
    expect(repairWords({ ...one, kind: "twice", delivery: { id: 1, state: "done", error_code: "" } }, "SugarCRM")).toContain("Delete");
  });
});

describe("addresses of lists", () => {
  it("carry a filter, and nothing else", () => {
    const route = parseRoute("/deliveries?connection_id=7&kind=order&state=dead&q=A%20B&page=9");
    expect(route).toEqual({ page: "activity", deliveryId: undefined, query: "connection_id=7&kind=order&state=dead&q=A%20B&page=9" });
    expect(filterOf("connection_id=7&kind=order&state=dead&q=A%20B&page=9")).toEqual({
      connection_id: 7,
      kind: "order",
      state: "dead",
      q: "A B",
    });
    expect(filterOf("connection_id=x&state=lost")).toEqual({});
  });

  it("lead to an account's money and history", () => {
    expect(parseRoute("/money/3")).toEqual({ page: "money", connectionId: 3 });
    expect(parseRoute("/history/abc")).toEqual({ page: "history", connectionId: undefined });
  });
});

describe("history and kinds", () => {
  it("says what was chosen", () => {
    const day = format.day.bind(format);
    const kinds = ["customer", "order"];
    expect(choiceWords({ kinds, since: null, until: null }, day)).toBe("Customers, Orders · all");
    expect(choiceWords({ kinds, since: "2024-01-01", until: null }, day)).toBe("Customers, Orders · from 1 Jan 2024");
    expect(choiceWords({ kinds, since: null, until: "2024-01-31" }, day)).toBe("Customers, Orders · up to 31 Jan 2024");
  });

  it("counts kinds as people do", () => {
    expect([kindsOf("order", 1), kindsOf("order", 2), kindsOf("company", 2)]).toEqual(["order", "orders", "companies"]);
    expect(kindsOf("crm:Contact", 3, "Salesforce")).toBe("Contact records from Salesforce");
  });
});
