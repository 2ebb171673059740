import { useCallback, useEffect, useRef, useState } from "react";

import { ApiError } from "../api/client";

export interface Loaded<T> {
  data: T | undefined;
  error: ApiError | undefined;
  retry: () => void;
  put: (data: T) => void;
}

/** Loads once: for what a person is about to edit, which must not change under their hands. */
export function useLoaded<T>(key: string, load: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [data, put] = useState<T>();
  const [error, setError] = useState<ApiError>();
  const [round, setRound] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    const stop = new AbortController();
    setError(undefined);
    latest
      .current(stop.signal)
      .then((loaded) => !stop.signal.aborted && put(loaded))
      .catch((problem: unknown) => {
        if (stop.signal.aborted) return;
        setError(problem instanceof ApiError ? problem : new ApiError(0, "Something went wrong in this page."));
      });
    return () => stop.abort();
  }, [key, round]);
  const retry = useCallback(() => setRound((n) => n + 1), []);
  return { data, error, retry, put };
}
