export type HistoryState = "counting" | "ready" | "running" | "paused" | "done" | "cancelled" | "failed";

export interface HistoryForecast {
  records: Record<string, number>;
  calls: { store: number; crm: number };
  seconds: number;
  finishes_at: string | null;
  /** Within what may still be called today. */
  fits: boolean;
  words: string;
}

export interface KindProgress {
  total: number;
  asked: number;
  done: number;
  failed: number;
}

export interface HistoryProgress extends KindProgress {
  percent: number;
  seconds: number;
  seconds_left: number | null;
  per_minute: number;
  kinds: Record<string, KindProgress>;
}

export interface HistoryFilters {
  statuses?: string[];
  channels?: string[];
  min_total?: string | null;
  parcels_days?: number;
}

/** Records from before that are brought to a connection. */
export interface History {
  id: number;
  connection_id: number;
  vendor: string;
  vendor_label: string;
  state: HistoryState;
  kinds: string[];
  since: string | null;
  until: string | null;
  filters: HistoryFilters;
  forecast: HistoryForecast | Record<string, never>;
  progress: HistoryProgress;
  problem: string;
  created_by: string;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
}

export interface HistoryPage {
  items: History[];
  total: number;
  page: number;
  pages: number;
}

export interface HistoryWish {
  kinds: string[];
  since: string | null;
  until: string | null;
  statuses: string[];
  channels: string[];
  min_total: string | null;
  parcels_days: number;
}

export type HistoryStep = "start" | "pause" | "resume" | "cancel";
