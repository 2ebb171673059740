import { InlineMessage } from "@bigcommerce/big-design";

import type { Connection } from "../api/types";
import { useApp } from "../context";

/** That a CRM does not answer, since when, and when it is tried again; nothing while it does. */
export function Outage({ connection, now }: { connection: Connection; now: number }) {
  const { format } = useApp();
  const { breaker, label } = connection;
  if (breaker.state === "closed") return null;
  const since = breaker.since ? ` It began ${format.ago(breaker.since, now)}.` : "";
  const waits = breaker.state === "open" && breaker.until && Date.parse(breaker.until) > now;
  const ago = format.ago(breaker.until ?? "", now);
  const next = waits ? `The next try is ${ago === "just now" ? "due now" : ago}.` : "One record is trying right now.";
  return (
    <InlineMessage
      marginBottom="medium"
      messages={[{ text: `${label} does not answer. Nothing is lost: what changes is kept, and goes as soon as ${label} answers again.${since} ${next}` }]}
      type="warning"
    />
  );
}
