import { useCallback, useEffect, useRef, useState } from "react";

import { ApiError } from "./api/client";

export interface Live<T> {
  data: T | undefined;
  /** Why the last load failed; `data` is then what was known before. */
  error: ApiError | undefined;
  /** What is shown belongs to another question than the one asked now. */
  stale: boolean;
  refresh: () => void;
  /** Put in what an action answered, before the next load confirms it. */
  put: (change: (data: T) => T) => void;
}

interface Loaded<T> {
  key: string;
  data: T | undefined;
  error: ApiError | undefined;
}

const SLOWEST = 30_000; // ms between tries while the API is down

/**
 * Loads, and loads again every so often while the page is looked at. What is known stays on screen while the next
 * answer is under way, so that nothing flickers.
 */
export function useLive<T>(key: string, load: (signal: AbortSignal) => Promise<T>, every: number): Live<T> {
  const [loaded, setLoaded] = useState<Loaded<T>>({ key: "", data: undefined, error: undefined });
  const [round, setRound] = useState(0);
  const latest = useRef(load);
  latest.current = load;

  useEffect(() => {
    const stop = new AbortController();
    let timer = 0;
    let failures = 0;
    const run = async () => {
      try {
        const data = await latest.current(stop.signal);
        failures = 0;
        if (!stop.signal.aborted) setLoaded({ key, data, error: undefined });
      } catch (error) {
        if (stop.signal.aborted) return;
        failures += 1;
        const problem = error instanceof ApiError ? error : new ApiError(0, "Something went wrong in this page.");
        // An answer to another question is no substitute for this one's error, unless nobody could be asked.
        setLoaded((before) => ({ key, data: before.key === key || !problem.status ? before.data : undefined, error: problem }));
      }
      if (!stop.signal.aborted) plan(Math.min(every * 2 ** failures, Math.max(SLOWEST, every)));
    };
    const plan = (wait: number) => {
      timer = window.setTimeout(() => void (document.hidden ? plan(every) : run()), wait);
    };
    void run();
    return () => {
      stop.abort();
      window.clearTimeout(timer);
    };
  }, [key, every, round]);

  const refresh = useCallback(() => setRound((n) => n + 1), []);
  const put = useCallback((change: (data: T) => T) => {
    setLoaded((before) => (before.data === undefined ? before : { ...before, data: change(before.data) }));
    setRound((n) => n + 1); // also drops an answer under way that knows nothing of the change
  }, []);
  return { data: loaded.data, error: loaded.error, stale: loaded.key !== key, refresh, put };
}

/** A clock for relative times: one tick re-renders all who read it. */
export function useNow(every = 10_000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), every);
    return () => window.clearInterval(timer);
  }, [every]);
  return now;
}

/** Whether a media query holds. */
export function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => window.matchMedia(query).matches);
  useEffect(() => {
    const list = window.matchMedia(query);
    const change = () => setMatches(list.matches);
    list.addEventListener("change", change);
    change();
    return () => list.removeEventListener("change", change);
  }, [query]);
  return matches;
}
