import { useCallback, useState } from "react";

import { ApiError, SessionOver } from "../api/client";

export interface Action {
  /** Name of what is under way, if anything is. */
  busy: string;
  problem: string;
  /** Which inputs are wrong, by their path. */
  fields: Record<string, string>;
  clear: () => void;
  run: (name: string, work: () => Promise<unknown>) => Promise<boolean>;
}

/** One action at a time: what is under way, and in words why the last one failed. */
export function useAction(): Action {
  const [busy, setBusy] = useState("");
  const [problem, setProblem] = useState("");
  const [fields, setFields] = useState<Record<string, string>>({});
  const run = useCallback(async (name: string, work: () => Promise<unknown>) => {
    setBusy(name);
    setProblem("");
    setFields({});
    try {
      await work();
      return true;
    } catch (error) {
      if (!(error instanceof SessionOver)) setProblem(error instanceof ApiError ? error.message : "That did not work.");
      if (error instanceof ApiError) setFields(error.fields);
      return false;
    } finally {
      setBusy("");
    }
  }, []);
  const clear = useCallback(() => {
    setProblem("");
    setFields({});
  }, []);
  return { busy, problem, fields, clear, run };
}
