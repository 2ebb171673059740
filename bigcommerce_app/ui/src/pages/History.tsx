import { Panel, Text } from "@bigcommerce/big-design";
import { useEffect, useRef, useState } from "react";

import type { History as Loading } from "../api/history";
import type { Connection, Overview } from "../api/types";
import { ChooseAccount } from "../components/ChooseAccount";
import { Failure, Outdated, Skeleton, Status } from "../components/Feedback";
import { FormerHistories } from "../components/FormerHistories";
import { HistoryForm } from "../components/HistoryForm";
import { HistoryRun } from "../components/HistoryRun";
import { useApp } from "../context";
import { isUnfinished } from "../historyWords";
import { useLive, useNow } from "../live";

const EVERY = 15_000; // ms
const EVERY_RUNNING = 2_000; // ms, while something moves

interface Props {
  overview: Overview;
  connectionId: number | undefined;
}

/** Bringing what was there before: count, forecast, start, progress. */
export function History({ overview, connectionId }: Props) {
  const { go } = useApp();
  const connections = overview.connections.filter((one) => one.state !== "disconnected");
  const connection = connections.find((one) => one.id === connectionId) ?? connections[0];
  if (!connection) {
    return (
      <Panel header="History">
        <Status
          heading="Nothing is connected yet"
          message="As soon as a CRM is connected, orders and customers from before can be brought there."
          variant="info"
        />
      </Panel>
    );
  }
  return (
    <>
      <ChooseAccount connections={connections} id={connection.id} onChange={(id) => go(`/history/${id}`)} />
      <OfConnection connection={connection} key={connection.id} />
    </>
  );
}

function OfConnection({ connection }: { connection: Connection }) {
  const { api } = useApp();
  const now = useNow();
  const [page, setPage] = useState(1);
  const [moving, setMoving] = useState(false);
  const live = useLive(
    `history ${connection.id} ${page}`,
    async (signal) => {
      const found = await api.histories({ connection_id: connection.id, page }, signal);
      setMoving(found.items.some((one) => one.state === "counting" || one.state === "running"));
      return found;
    },
    moving ? EVERY_RUNNING : EVERY,
  );
  const found = live.data;
  const current = useCurrent(page === 1 ? found?.items : undefined);
  const changed = (history: Loading) =>
    live.put((before) => ({
      ...before,
      items: before.items.some((one) => one.id === history.id)
        ? before.items.map((one) => (one.id === history.id ? history : one))
        : [history, ...before.items],
    }));
  const header = `Bring what was there before to ${connection.label}`;
  if (!found) {
    return (
      <Panel header={header}>
        {live.error ? <Failure error={live.error} retry={live.refresh} /> : <Skeleton height="2.5rem" rows={6} />}
      </Panel>
    );
  }
  return (
    <div aria-busy={live.stale}>
      {live.error && <Outdated error={live.error} />}
      <Panel header={header}>
        <Here isForm={!current}>
          {current ? (
            <HistoryRun connection={connection} history={current} onChanged={changed} />
          ) : (
            <>
              <Text>
                Storeline carries what changes from the moment it is connected. What was there before can be brought afterwards: new
                orders always go first, nothing is brought twice, and orders keep their real dates. First it is only counted.
              </Text>
              <HistoryForm connection={connection} onCounted={changed} />
            </>
          )}
        </Here>
      </Panel>
      <FormerHistories
        connection={connection}
        items={found.items.filter((one) => one.id !== current?.id)}
        now={now}
        onPage={setPage}
        page={found}
      />
    </div>
  );
}

/** The one that is not finished; it stands at the top of the first page, and is remembered on the others. */
function useCurrent(items: Loading[] | undefined): Loading | undefined {
  const [current, setCurrent] = useState<Loading>();
  useEffect(() => {
    if (items) setCurrent(items.find(isUnfinished));
  }, [items]);
  return items ? items.find(isUnfinished) : current;
}

/** When the form makes way for the progress (or comes back), the button that was pressed is gone: the focus goes on here. */
function Here({ isForm, children }: { isForm: boolean; children: React.ReactNode }) {
  const place = useRef<HTMLDivElement>(null);
  const before = useRef(isForm);
  useEffect(() => {
    if (before.current !== isForm && document.activeElement === document.body) place.current?.focus();
    before.current = isForm;
  }, [isForm]);
  return (
    <div ref={place} tabIndex={-1}>
      {children}
    </div>
  );
}
