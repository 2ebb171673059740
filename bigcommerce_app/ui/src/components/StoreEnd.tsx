import type { Overview } from "../api/types";
import { Problem } from "./Feedback";

/** A banner while the store itself does not let us in; nothing when all is well. */
export function StoreEnd({ store }: { store: Overview["store"] }) {
  if (store.state === "live") return null;
  return (
    <Problem
      text={[
        "Your store does not let Storeline in right now, so new orders wait.",
        store.problem && `BigCommerce says: ${store.problem}`,
        "Open Storeline from Apps in the control panel once more; if it asks for permissions, accept them.",
      ]
        .filter(Boolean)
        .join(" ")}
    />
  );
}
