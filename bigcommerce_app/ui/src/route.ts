import { useCallback, useEffect, useState } from "react";

export type Route =
  | { page: "home" | "setup" | "connections" | "conflicts" | "help" }
  | { page: "account"; connectionId: number; section: string }
  | { page: "activity"; deliveryId?: number };

/** The screen that a path of ours means; an unknown path is the start. */
export function parseRoute(path: string): Route {
  const [first, second, third] = (path.split(/[?#]/)[0] ?? "").split("/").filter(Boolean);
  switch (first) {
    case "deliveries":
      return { page: "activity", deliveryId: /^\d+$/.test(second ?? "") ? Number(second) : undefined };
    case "connections":
      if (/^\d+$/.test(second ?? "")) return { page: "account", connectionId: Number(second), section: third ?? "" };
      return { page: first };
    case "conflicts":
    case "setup":
    case "help":
      return { page: first };
    default:
      return { page: "home" };
  }
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
