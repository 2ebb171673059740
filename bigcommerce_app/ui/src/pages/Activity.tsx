import { Button, Panel } from "@bigcommerce/big-design";
import { useCallback, useEffect, useState } from "react";

import type { Delivery, Filter, Overview } from "../api/types";
import { DeliveryDialog, LISTED } from "../components/DeliveryDialog";
import { DeliveryTable } from "../components/DeliveryTable";
import { Announcement, Failure, Outdated, Problem, Skeleton, Status } from "../components/Feedback";
import { Filters } from "../components/Filters";
import { Row } from "../components/layout";
import { Pages } from "../components/Pages";
import { useAction } from "../components/useAction";
import { useApp } from "../context";
import { plural } from "../format";
import { type Live, useLive, useNow } from "../live";
import { filterOf } from "../route";
import { isFromCrm, KIND_FILTERS } from "../words";

const EVERY = 4_000; // ms
const START: Filter = { page: 1, page_size: 100 };

interface Props {
  overview: Overview | undefined;
  deliveryId: number | undefined;
  /** What a link to this page chose to show. */
  query: string;
  refreshOverview: () => void;
}

/** The last hundred deliveries (and all before them): what went where, what failed and why, and trying again. */
export function Activity({ overview, deliveryId, query, refreshOverview }: Props) {
  const { api, go } = useApp();
  const [filter, setFilter] = useState({ ...START, ...filterOf(query) });
  useEffect(() => {
    if (query) setFilter({ ...START, ...filterOf(query) });
  }, [query]);
  const live = useLive(JSON.stringify(filter), (signal) => api.deliveries(filter, signal), EVERY);
  const change = useCallback((part: Partial<Filter>) => setFilter((before) => ({ ...before, page: 1, ...part })), []);
  const changed = () => {
    live.refresh();
    refreshOverview();
  };
  return (
    <Panel header="Activity">
      <Filters connections={overview?.connections ?? []} filter={filter} onChange={change} />
      <ReplayAll changed={changed} filter={filter} overview={overview} />
      <Results changed={changed} filter={filter} live={live} onChange={change} />
      {deliveryId !== undefined && (
        <DeliveryDialog id={deliveryId} onChanged={changed} onClose={() => go("/deliveries")} />
      )}
    </Panel>
  );
}

interface ResultsProps {
  live: Live<Awaited<ReturnType<ReturnType<typeof useApp>["api"]["deliveries"]>>>;
  filter: Filter;
  onChange: (change: Partial<Filter>) => void;
  changed: () => void;
}

function Results({ live, filter, onChange, changed }: ResultsProps) {
  const { api } = useApp();
  const action = useAction();
  const now = useNow();
  const [replaying, setReplaying] = useState<number>();
  const page = live.data;
  if (!page) return live.error ? <Failure error={live.error} retry={live.refresh} /> : <Skeleton height="2.5rem" rows={8} />;

  const replay = (delivery: Delivery) => {
    setReplaying(delivery.id);
    void action
      .run("replay", () => api.replay(delivery.id))
      .then(() => {
        setReplaying(undefined);
        changed();
      });
  };
  return (
    <div aria-busy={live.stale} id={LISTED} tabIndex={-1}>
      {live.error && <Outdated error={live.error} />}
      {action.problem && <Problem onClose={action.clear} text={action.problem} />}
      {page.total === 0 ? (
        <Empty filter={filter} />
      ) : (
        <>
          <DeliveryTable items={page.items} now={now} onReplay={replay} replaying={replaying} />
          <Pages
            more={page.more}
            things="deliveries"
            onPage={(number) => onChange({ page: number })}
            onSize={(size) => onChange({ page_size: size })}
            page={page.page}
            shown={page.items.length}
            size={filter.page_size}
            total={page.total}
          />
        </>
      )}
    </div>
  );
}

function Empty({ filter }: { filter: Filter }) {
  const filtered = Boolean(filter.state || filter.kind || filter.q || filter.connection_id);
  return filtered ? (
    <Status heading="Nothing matches" message="Change the filters to see more." variant="search" />
  ) : (
    <Status
      heading="Nothing has happened yet"
      message="As soon as an order or a customer changes in your store, it shows here."
      variant="info"
    />
  );
}

interface ReplayAllProps {
  overview: Overview | undefined;
  filter: Filter;
  changed: () => void;
}

function ReplayAll({ overview, filter, changed }: ReplayAllProps) {
  const { api } = useApp();
  const action = useAction();
  const [said, setSaid] = useState("");
  const dead = (overview?.connections ?? [])
    .filter((one) => !filter.connection_id || one.id === filter.connection_id)
    .reduce((sum, one) => sum + one.counts.dead, 0);
  const kind = KIND_FILTERS.find((one) => one.value === filter.kind)?.content.replace(/^./, (c) => c.toLowerCase()) ?? "";
  // What is replayed must be what is listed, and these list something else.
  const searching = Boolean(filter.q) || isFromCrm(filter.kind ?? "");
  const run = () =>
    void action.run("replay", async () => {
      const { replayed } = await api.replayAll({ kind: filter.kind, connection_id: filter.connection_id });
      setSaid(`${replayed} ${plural(replayed, "delivery is", "deliveries are")} tried again.`);
      changed();
    });
  return (
    <>
      {action.problem && <Problem onClose={action.clear} text={action.problem} />}
      <Row>
        <Button disabled={dead === 0 || searching} isLoading={action.busy !== ""} onClick={run} variant="secondary">
          {`Replay all failed ${kind}`.trim()}
        </Button>
        <Announcement>{said}</Announcement>
      </Row>
    </>
  );
}
