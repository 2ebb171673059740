import { createContext, useContext } from "react";

import type { Calls } from "./api/calls";
import type { Overview } from "./api/types";
import type { Config } from "./config";
import type { Formatter } from "./format";

/** What every screen needs: the API, the words and figures, the way to other screens. */
export interface App {
  api: Calls;
  config: Config;
  format: Formatter;
  go: (path: string) => void;
}

export const AppContext = createContext<App | null>(null);

export function useApp(): App {
  const app = useContext(AppContext);
  if (!app) throw new Error("useApp outside of AppContext");
  return app;
}

/** What was last heard of all accounts; undefined before the first answer. */
export const OverviewContext = createContext<Overview | undefined>(undefined);
