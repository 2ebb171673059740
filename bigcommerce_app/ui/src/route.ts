import { useCallback, useEffect, useState } from "react";

import type { DeliveryState, Filter } from "./api/types";
import { DELIVERY_STATES } from "./words";

export type Route =
  | { page: "home" | "setup" | "connections" | "conflicts" | "problems" | "privacy" | "help" }
  | { page: "money" | "history"; connectionId?: number }
  | { page: "account"; connectionId: number; section: string }
  | { page: "activity"; deliveryId?: number; query: string };

/** The screen that a path of ours means; an unknown path is the start. */
export function parseRoute(path: string): Route {
  const [place, query] = path.split(/[?#]/);
  const [first, second, third] = (place ?? "").split("/").filter(Boolean);
  const id = /^\d+$/.test(second ?? "") ? Number(second) : undefined;
  switch (first) {
    case "deliveries":
      return { page: "activity", deliveryId: id, query: query ?? "" };
    case "connections":
      return id === undefined ? { page: first } : { page: "account", connectionId: id, section: third ?? "" };
    case "money":
    case "history":
      return { page: first, connectionId: id };
    case "conflicts":
    case "problems":
    case "privacy":
    case "setup":
    case "help":
      return { page: first };
    default:
      return { page: "home" };
  }
}

/** The filter of Activity that an address asks for. */
export function filterOf(query: string): Partial<Filter> {
  const asked = new URLSearchParams(query);
  const id = Number(asked.get("connection_id"));
  const state = asked.get("state") ?? "";
  return {
    ...(Number.isSafeInteger(id) && id > 0 ? { connection_id: id } : {}),
    ...(state in DELIVERY_STATES ? { state: state as DeliveryState } : {}),
    ...(asked.get("kind") ? { kind: asked.get("kind") ?? "" } : {}),
    ...(asked.get("q") ? { q: asked.get("q") ?? "" } : {}),
  };
}

// The path lives behind the #: the page's own address belongs to the server, which would want a signed launch for it.
const inAddress = () => window.location.hash.replace(/^#/, "");

/** The current route, and how to go to another one; the browser's Back works. */
export function useRoute(start: string): [Route, (path: string) => void] {
  const [path, setPath] = useState(() => inAddress() || start);
  useEffect(() => {
    const read = () => setPath(inAddress() || start);
    window.addEventListener("popstate", read);
    window.addEventListener("hashchange", read);
    return () => {
      window.removeEventListener("popstate", read);
      window.removeEventListener("hashchange", read);
    };
  }, [start]);
  const go = useCallback((next: string) => {
    window.history.pushState(null, "", `#${next}`);
    setPath(next);
  }, []);
  return [parseRoute(path), go];
}
