import { Panel, Text } from "@bigcommerce/big-design";
import { useCallback, useEffect, useRef, useState } from "react";

import type { Conflict, ConflictFilter, ConflictPage, Side } from "../api/terms";
import type { Overview } from "../api/types";
import { ConflictFilters } from "../components/ConflictFilters";
import { ConflictTable } from "../components/ConflictTable";
import { Announcement, Failure, Outdated, Problem, Skeleton, Status } from "../components/Feedback";
import { Pages } from "../components/Pages";
import { Settle } from "../components/Settle";
import { type Action, useAction } from "../components/useAction";
import { useApp } from "../context";
import { plural } from "../format";
import { type Live, useLive, useNow } from "../live";

const EVERY = 8_000; // ms
const START: ConflictFilter = { state: "open", page: 1, page_size: 50 };

interface Props {
  overview: Overview | undefined;
  refreshOverview: () => void;
}

/** Fields that were changed on both sides: what each has, and whose value is to stand. */
export function Conflicts({ overview, refreshOverview }: Props) {
  const { api } = useApp();
  const [filter, setFilter] = useState(START);
  const action = useAction();
  const live = useLive(`conflicts ${JSON.stringify(filter)}`, (signal) => api.conflicts(filter, signal), EVERY);
  const [said, setSaid] = useState("");
  const [busy, setBusy] = useState<number[]>([]);
  const told = useRef<HTMLDivElement>(null);
  const change = useCallback(
    (part: Partial<ConflictFilter>) => setFilter((before) => ({ ...before, page: 1, ...part })),
    [],
  );
  const settle = async (conflicts: Conflict[], winner: Side) => {
    setBusy(conflicts.map((one) => one.id));
    await action.run(winner, async () => {
      const { settled } = await api.settle(conflicts.map((one) => one.id), winner);
      setSaid(`${settled} ${plural(settled, "conflict is", "conflicts are")} decided; both sides are being brought into step.`);
    });
    setBusy([]);
    // The button that was pressed is disabled or gone: what has just been said is where to go on from.
    if (document.activeElement === document.body) told.current?.focus();
    live.refresh();
    refreshOverview();
  };
  return (
    <Panel header="Conflicts">
      <Text>
        A field that was changed both in the store and in a CRM since they last agreed. Nothing is overwritten until you decide.
        Rules that decide by themselves are under Connections → Settings → Who wins; what they overruled is listed here as settled.
      </Text>
      <ConflictFilters connections={overview?.connections ?? []} filter={filter} onChange={change} />
      <div aria-live="assertive">{action.problem && <Problem onClose={action.clear} text={action.problem} />}</div>
      <div ref={told} tabIndex={-1}>
        <Announcement>{said}</Announcement>
      </div>
      <Results action={action} busy={busy} filter={filter} live={live} onChange={change} settle={settle} />
    </Panel>
  );
}

interface ResultsProps {
  live: Live<ConflictPage>;
  filter: ConflictFilter;
  action: Action;
  busy: number[];
  onChange: (change: Partial<ConflictFilter>) => void;
  settle: (conflicts: Conflict[], winner: Side) => Promise<void>;
}

function Results({ live, filter, action, busy, onChange, settle }: ResultsProps) {
  const now = useNow();
  const [selected, setSelected] = useState<ReadonlySet<number>>(new Set());
  const page = live.data;
  const key = JSON.stringify(filter);
  useEffect(() => setSelected(new Set()), [key]);
  if (!page) return live.error ? <Failure error={live.error} retry={live.refresh} /> : <Skeleton height="2.5rem" rows={8} />;
  const chosen = page.items.filter((one) => one.state !== "settled" && selected.has(one.id));
  return (
    <div aria-busy={live.stale}>
      {live.error && <Outdated error={live.error} />}
      {page.total === 0 ? (
        <Empty filter={filter} />
      ) : (
        <>
          <Settle
            busy={action.busy}
            chosen={chosen}
            items={page.items}
            onSelect={setSelected}
            onSettle={(winner) => void settle(chosen, winner).then(() => setSelected(new Set()))}
          />
          <ConflictTable
            busy={busy}
            items={page.items}
            now={now}
            onSelect={setSelected}
            onSettle={(conflict, winner) => void settle([conflict], winner)}
            selected={selected}
          />
          <Pages
            more={false}
            onPage={(number) => onChange({ page: number })}
            onSize={(size) => onChange({ page_size: size })}
            page={page.page}
            shown={page.items.length}
            size={filter.page_size}
            things="conflicts"
            total={page.total}
          />
        </>
      )}
    </div>
  );
}

function Empty({ filter }: { filter: ConflictFilter }) {
  if (filter.q || filter.connection_id || filter.state !== "open") {
    return <Status heading="Nothing matches" message="Change the filters to see more." variant="search" />;
  }
  return (
    <Status
      heading="No open conflicts"
      message="Whatever was edited on both sides is settled. New conflicts show here by themselves."
      variant="info"
    />
  );
}
