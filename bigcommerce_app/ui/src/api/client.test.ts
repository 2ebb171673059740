import { describe, expect, it, vi } from "vitest";

import { ApiError, Client, expiry, SessionOver, Unreachable, wrongFields } from "./client";

const NOW = 1_800_000_000_000;

/** A bearer as the server makes it, good for so many seconds. */
function bearer(name: string, seconds: number): string {
  const claims = btoa(JSON.stringify({ user: name, exp: NOW / 1000 + seconds })).replace(/=+$/, "");
  return `header.${claims}.${name}`;
}

interface Call {
  method: string;
  path: string;
  token: string;
  body: unknown;
}

/** A server in a function: takes bearers that it knows, hands out new ones while `renewals` last. */
function server(options: { good: string[]; renewals?: string[]; status?: number; body?: string }) {
  const calls: Call[] = [];
  const renewals = [...(options.renewals ?? [])];
  const answer = (status: number, body: unknown) => new Response(JSON.stringify(body), { status });
  const fetch = async (url: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const token = new Headers(init?.headers).get("Authorization")?.replace("Bearer ", "") ?? "";
    const path = String(url);
    calls.push({ method: init?.method ?? "", path, token, body: init?.body ? JSON.parse(String(init.body)) : undefined });
    if (path === "/api/session/renew") {
      const next = renewals.shift();
      if (!next) return answer(401, { message: "The session is over." });
      options.good.push(next);
      return answer(200, { token: next, expires_at: new Date(NOW + 900_000).toISOString() });
    }
    if (!options.good.includes(token)) return answer(401, { message: "The session is over." });
    if (options.status === 204) return new Response(null, { status: 204 });
    return new Response(options.body ?? '{"ok": true}', { status: options.status ?? 200 });
  };
  return { fetch: fetch as typeof globalThis.fetch, calls };
}

function client(served: ReturnType<typeof server>, token: string, onSessionOver = () => undefined as void) {
  return new Client({ base: "/api", token, fetch: served.fetch, now: () => NOW, onSessionOver });
}

describe("a bearer", () => {
  it("says when it ends", () => {
    expect(expiry(bearer("a", 900))).toBe(NOW + 900_000);
    expect(expiry("nonsense")).toBe(0);
  });

  it("is sent with every call, and the body as JSON", async () => {
    const token = bearer("a", 900);
    const served = server({ good: [token] });
    await client(served, token).post("/deliveries/replay", { kind: "order" });
    expect(served.calls).toEqual([{ method: "POST", path: "/api/deliveries/replay", token, body: { kind: "order" } }]);
  });

  it("is renewed shortly before its end, once for several calls at a time", async () => {
    const [old, fresh] = [bearer("old", 30), bearer("fresh", 900)];
    const served = server({ good: [old], renewals: [fresh] });
    const api = client(served, old);
    await Promise.all([api.get("/a"), api.get("/b")]);
    await api.get("/c");
    expect(served.calls.map((call) => [call.path, call.token])).toEqual([
      ["/api/session/renew", old],
      ["/api/a", fresh],
      ["/api/b", fresh],
      ["/api/c", fresh],
    ]);
  });

  it("is renewed once on a 401, and the call made again", async () => {
    const [old, fresh] = [bearer("old", 900), bearer("fresh", 900)];
    const served = server({ good: [], renewals: [fresh] });
    expect(await client(served, old).get("/a")).toEqual({ ok: true });
    expect(served.calls.map((call) => call.path)).toEqual(["/api/a", "/api/session/renew", "/api/a"]);
  });
});

describe("a session", () => {
  it("is over when renewing is refused; nothing more is sent", async () => {
    const over = vi.fn();
    const served = server({ good: [] });
    const api = client(served, bearer("old", 900), over);
    await expect(api.get("/a")).rejects.toThrow(SessionOver);
    await expect(api.get("/b")).rejects.toThrow(SessionOver);
    expect(over).toHaveBeenCalledOnce();
    expect(served.calls.map((call) => call.path)).toEqual(["/api/a", "/api/session/renew"]);
  });

  it("is over when a fresh bearer is refused too", async () => {
    const served = server({ good: [], renewals: [] });
    const refused = bearer("fresh", 900);
    const fetch: typeof globalThis.fetch = async (url, init) =>
      String(url).endsWith("/renew")
        ? new Response(JSON.stringify({ token: refused, expires_at: "" }))
        : served.fetch(url, init);
    const over = vi.fn();
    const api = new Client({ base: "/api", token: bearer("old", 900), fetch, now: () => NOW, onSessionOver: over });
    await expect(api.get("/a")).rejects.toThrow(SessionOver);
    expect(over).toHaveBeenCalledOnce();
  });
});

describe("a failure", () => {
  const token = bearer("a", 900);

  it("carries the API's own words and status", async () => {
    const served = server({ good: [token], status: 409, body: '{"code": 409, "message": "Not ready yet."}' });
    const failure = client(served, token).patch("/connections/1", { state: "live" });
    await expect(failure).rejects.toThrow("Not ready yet.");
    await expect(failure).rejects.toMatchObject({ status: 409 });
  });

  it("names the inputs that are wrong", async () => {
    const body = JSON.stringify({ message: "Not valid.", errors: { json: { form: { url: ["No tenant there."] } } } });
    const served = server({ good: [token], status: 422, body });
    const failure = client(served, token).put("/connections/1/terms", {});
    await expect(failure).rejects.toMatchObject({ fields: { "form.url": "No tenant there." } });
  });

  it("is told by path, however deep", () => {
    expect(
      wrongFields({ form: { url: { value: ["Too long."] } }, owners: { 0: { at_least: ["No amount.", "Too long."] } } }),
    ).toEqual({ "form.url": "Too long.", "owners.0.at_least": "No amount. Too long." });
    expect(wrongFields(undefined)).toEqual({});
  });

  it("of a proxy is put in words", async () => {
    const served = server({ good: [token], status: 502, body: "<html>Bad gateway</html>" });
    await expect(client(served, token).get("/a")).rejects.toThrow("Something went wrong on Storeline's side");
  });

  it("to reach the server at all is told apart from a refusal", async () => {
    const down = async () => Promise.reject(new TypeError("Failed to fetch"));
    const api = new Client({ base: "/api", token, fetch: down as typeof fetch, now: () => NOW });
    await expect(api.get("/a")).rejects.toThrow(Unreachable);
    await expect(api.get("/a")).rejects.toBeInstanceOf(ApiError);
  });

  it("is none when an answer has no content", async () => {
    expect(await client(server({ good: [token], status: 204 }), token).delete("/connections/1")).toBeUndefined();
  });
});
