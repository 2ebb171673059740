import type { Client } from "./client";
import type { ConflictFilter, ConflictPage, CrmUser, PanelCode, PanelPasses, Side, Terms, TermsChange } from "./terms";
import type { Connection, DeliveryWithTries, Filter, Overview, Page } from "./types";

/** The API by name. */
export function calls(client: Client) {
  return {
    overview: (signal?: AbortSignal) => client.get<Overview>("/connections", signal),
    authorize: (vendor: string, environment: string) =>
      client.post<{ url: string }>(`/connections/${encodeURIComponent(vendor)}/authorize`, { environment }),
    signIn: (vendor: string, environment: string, form: Record<string, string>) =>
      client.post<Connection>(`/connections/${encodeURIComponent(vendor)}/sign-in`, { environment, form }),
    change: (id: number, change: { switches?: Record<string, boolean>; state?: "live" | "paused" }) =>
      client.patch<Connection>(`/connections/${id}`, change),
    check: (id: number) => client.post<{ started: boolean }>(`/connections/${id}/check`),
    disconnect: (id: number) => client.delete(`/connections/${id}`),
    terms: (id: number, signal?: AbortSignal) => client.get<Terms>(`/connections/${id}/terms`, signal),
    changeTerms: (id: number, change: TermsChange) => client.put<Terms>(`/connections/${id}/terms`, change),
    users: (id: number, signal?: AbortSignal) => client.get<{ users: CrmUser[] }>(`/connections/${id}/users`, signal),
    passes: (id: number, signal?: AbortSignal) => client.get<PanelPasses>(`/connections/${id}/passes`, signal),
    makePass: (id: number, user: { user_id: string; user_name: string }) =>
      client.post<PanelCode>(`/connections/${id}/passes`, user),
    revokePass: (id: number, passId: number) => client.delete(`/connections/${id}/passes/${passId}`),
    panelPackage: (id: number) => client.file(`/connections/${id}/package`),
    conflicts: (filter: ConflictFilter, signal?: AbortSignal) =>
      client.get<ConflictPage>(`/conflicts?${query(filter)}`, signal),
    settle: (ids: number[], winner: Side) => client.post<{ settled: number }>("/conflicts/settle", { ids, winner }),
    deliveries: (filter: Filter, signal?: AbortSignal) => client.get<Page>(`/deliveries?${query(filter)}`, signal),
    delivery: (id: number, signal?: AbortSignal) => client.get<DeliveryWithTries>(`/deliveries/${id}`, signal),
    replay: (id: number) => client.post<{ replayed: number }>(`/deliveries/${id}/replay`),
    replayAll: (filter: { connection_id?: number; kind?: string }) =>
      client.post<{ replayed: number }>("/deliveries/replay", filter),
  };
}

export type Calls = ReturnType<typeof calls>;

function query(filter: Filter | ConflictFilter): string {
  const given = Object.entries(filter).filter(([, value]) => value !== undefined && value !== "");
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
}
