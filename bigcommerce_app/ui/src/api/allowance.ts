export interface Lane {
  lane: string;
  open: boolean;
  until: string | null;
}

/** API calls of a connection: what the CRM allows in a day, what we may have of it, what was used. */
export interface Allowance {
  vendor: string;
  vendor_label: string;
  /** Whether the CRM tells its maximum; else a person may type it. */
  tells: boolean;
  maximum: number | null;
  /** By everybody, as the CRM last told. */
  used: number | null;
  told_at: string | null;
  /** Percent of the maximum that is ours. */
  share: number;
  /** Our own calls of the last 24 hours. */
  ours: number;
  allowed: number | null;
  forecast: { calls_per_hour: number; runs_out_at: string | null; words: string };
  lanes: Lane[];
  hours: { hour: string; calls: number }[];
  store: {
    quota: number | null;
    left: number | null;
    window_seconds: number | null;
    resets_at: string | null;
    ours_last_hour: number;
  };
}
