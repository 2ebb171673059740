import type { Client } from "./client";
import type { Connection, DeliveryWithTries, Filter, Overview, Page } from "./types";

/** The API by name. */
export function calls(client: Client) {
  return {
    overview: (signal?: AbortSignal) => client.get<Overview>("/connections", signal),
    authorize: (vendor: string, environment: string) =>
      client.post<{ url: string }>(`/connections/${encodeURIComponent(vendor)}/authorize`, { environment }),
    change: (id: number, change: { switches?: Record<string, boolean>; state?: "live" | "paused" }) =>
      client.patch<Connection>(`/connections/${id}`, change),
    check: (id: number) => client.post<{ started: boolean }>(`/connections/${id}/check`),
    disconnect: (id: number) => client.delete(`/connections/${id}`),
    deliveries: (filter: Filter, signal?: AbortSignal) => client.get<Page>(`/deliveries?${query(filter)}`, signal),
    delivery: (id: number, signal?: AbortSignal) => client.get<DeliveryWithTries>(`/deliveries/${id}`, signal),
    replay: (id: number) => client.post<{ replayed: number }>(`/deliveries/${id}/replay`),
    replayAll: (filter: { connection_id?: number; kind?: string }) =>
      client.post<{ replayed: number }>("/deliveries/replay", filter),
  };
}

export type Calls = ReturnType<typeof calls>;

function query(filter: Filter): string {
  const given = Object.entries(filter).filter(([, value]) => value !== undefined && value !== "");
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
}
