import type { Allowance } from "./allowance";
import type { Client } from "./client";
import type { History, HistoryPage, HistoryStep, HistoryWish } from "./history";
import type { Days, DifferenceFilter, DifferencePage, MoneyPage, MoneyRun } from "./money";
import type { PersonPage, PrivacyRequest, PrivacyRequestPage, Retention } from "./privacy";
import type { CauseFilter, CausePage, Correctable, ReplayFilter } from "./problems";
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
    replayAll: (filter: ReplayFilter) => client.post<{ replayed: number }>("/deliveries/replay", filter),
    problems: (filter: CauseFilter, signal?: AbortSignal) => client.get<CausePage>(`/problems?${query(filter)}`, signal),
    correctable: (id: number, signal?: AbortSignal) => client.get<Correctable>(`/deliveries/${id}/correctable`, signal),
    correct: (id: number, values: Record<string, string>) =>
      client.put<{ replayed: number }>(`/deliveries/${id}/corrections`, { values }),
    dropCorrections: (id: number) => client.delete(`/deliveries/${id}/corrections`),
    money: (id: number, days: Days & { page: number }, signal?: AbortSignal) =>
      client.get<MoneyPage>(`/connections/${id}/money?${query(days)}`, signal),
    differences: (id: number, filter: DifferenceFilter, signal?: AbortSignal) =>
      client.get<DifferencePage>(`/connections/${id}/differences?${query(filter)}`, signal),
    compare: (id: number, days: Days) => client.post<MoneyRun>(`/connections/${id}/money/check`, days),
    repair: (id: number, orderIds: string[] | null) =>
      client.post<{ requested: number }>(`/connections/${id}/money/repair`, { order_ids: orderIds }),
    histories: (filter: { connection_id?: number; page: number }, signal?: AbortSignal) =>
      client.get<HistoryPage>(`/backfills?${query(filter)}`, signal),
    countHistory: (id: number, wish: HistoryWish) => client.post<History>(`/connections/${id}/backfills`, wish),
    stepHistory: (id: number, step: HistoryStep) => client.post<History>(`/backfills/${id}/${step}`),
    allowance: (id: number, signal?: AbortSignal) => client.get<Allowance>(`/connections/${id}/allowance`, signal),
    changeAllowance: (id: number, change: { share: number; maximum?: number | null }) =>
      client.put<Allowance>(`/connections/${id}/allowance`, change),
    people: (filter: { q: string; page: number }, signal?: AbortSignal) =>
      client.get<PersonPage>(`/privacy/people?${query(filter)}`, signal),
    privacyRequests: (page: number, signal?: AbortSignal) =>
      client.get<PrivacyRequestPage>(`/privacy/requests?page=${page}`, signal),
    retention: (signal?: AbortSignal) => client.get<Retention>("/privacy/retention", signal),
    exportPerson: (email: string) => client.post<{ id: number }>("/privacy/exports", { email }),
    exportFile: (id: number) => client.file(`/privacy/exports/${id}/file`),
    erase: (email: string, confirm: string) => client.post<PrivacyRequest>("/privacy/erasures", { email, confirm }),
  };
}

export type Calls = ReturnType<typeof calls>;

function query(filter: object): string {
  const given = Object.entries(filter).filter(([, value]) => value !== undefined && value !== "");
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
}
