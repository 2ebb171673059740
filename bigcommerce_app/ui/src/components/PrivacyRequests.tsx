import { Badge, Panel, Text } from "@bigcommerce/big-design";
import { useState } from "react";

import type { PrivacyRequest } from "../api/privacy";
import { useApp } from "../context";
import { useLive, useNow } from "../live";
import { Failure, Outdated, Skeleton } from "./Feedback";
import { type Column, Listing } from "./Listing";
import { Pages } from "./Pages";
import { Time } from "./Time";

const EVERY = 4_000; // ms

/** What was done for whom is proof; who it was is not kept. */
export function PrivacyRequests() {
  const { api, format } = useApp();
  const now = useNow();
  const [page, setPage] = useState(1);
  const live = useLive(`privacy ${page}`, (signal) => api.privacyRequests(page, signal), EVERY);
  const found = live.data;
  const entries = (one: PrivacyRequest) => Object.values(one.counts).reduce((sum, count) => sum + count, 0);
  const columns: Column<PrivacyRequest>[] = [
    {
      header: "What",
      isPlain: true,
      width: 130,
      render: (one) => <Badge label={one.action === "erase" ? "Erased" : "Exported"} variant={one.action === "erase" ? "danger" : "primary"} />,
    },
    { header: "Asked by", render: (one) => one.requested_by || "Storeline’s operator" },
    { header: "Entries", align: "right", width: 110, render: (one) => format.number(entries(one)) },
    { header: "When", width: 150, render: (one) => <Time at={one.requested_at} now={now} /> },
    { header: "Done", width: 200, render: (one) => (one.done_at ? format.moment(one.done_at) : "Under way") },
  ];
  return (
    <Panel header="Done before">
      {!found && (live.error ? <Failure error={live.error} retry={live.refresh} /> : <Skeleton height="2.5rem" rows={3} />)}
      {found && live.error && <Outdated error={live.error} />}
      {found?.total === 0 && <Text marginBottom="none">Nobody’s data was exported or erased yet.</Text>}
      {found && found.total > 0 && (
        <div aria-busy={live.stale}>
          <Text>Whose data it was is not kept in readable form.</Text>
          <Listing columns={columns} items={found.items} keyOf={(one) => one.id} name="Exports and erasures" />
          {found.pages > 1 && (
            <Pages
              onPage={setPage}
              page={found.page}
              pages={found.pages}
              shown={found.items.length}
              things="exports and erasures"
              total={found.total}
            />
          )}
        </div>
      )}
    </Panel>
  );
}
