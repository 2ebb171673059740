import { Panel, Text } from "@bigcommerce/big-design";
import { useState } from "react";

import type { Days } from "../api/money";
import type { Connection, Overview } from "../api/types";
import { ChooseAccount } from "../components/ChooseAccount";
import type { Range } from "../components/DateRange";
import { Differences } from "../components/Differences";
import { Failure, Outdated, Skeleton, Status } from "../components/Feedback";
import { MoneyCheck } from "../components/MoneyCheck";
import { type DayChoice, MoneyDays } from "../components/MoneyDays";
import { MoneyTotals } from "../components/MoneyTotals";
import { useApp } from "../context";
import { useLive, useNow } from "../live";

const EVERY = 15_000; // ms
const EVERY_RUNNING = 2_000; // ms, while a check runs

interface Props {
  overview: Overview;
  connectionId: number | undefined;
}

/** The proof of money: both sides added up, by day and currency, and every order that differs. */
export function Money({ overview, connectionId }: Props) {
  const { go } = useApp();
  const connections = overview.connections.filter((one) => one.state !== "disconnected");
  const connection = connections.find((one) => one.id === connectionId) ?? connections[0];
  if (!connection) {
    return (
      <Panel header="Money">
        <Status
          heading="Nothing is connected yet"
          message="As soon as a CRM is connected, its orders are compared with your store’s here."
          variant="info"
        />
      </Panel>
    );
  }
  return (
    <>
      <ChooseAccount connections={connections} id={connection.id} onChange={(id) => go(`/money/${id}`)} />
      <OfConnection connection={connection} key={connection.id} />
    </>
  );
}

function OfConnection({ connection }: { connection: Connection }) {
  const { api, format } = useApp();
  const now = useNow();
  const [range, setRange] = useState<Range>({ since: "", until: "" });
  const [page, setPage] = useState(1);
  const [running, setRunning] = useState(false);
  const [choice, setChoice] = useState<DayChoice>();
  const days: Days = { since: range.since || undefined, until: range.until || undefined };
  const live = useLive(
    `money ${connection.id} ${JSON.stringify(days)} ${page}`,
    async (signal) => {
      const loaded = await api.money(connection.id, { ...days, page }, signal);
      setRunning(loaded.run?.state === "waiting" || loaded.run?.state === "running");
      return loaded;
    },
    running ? EVERY_RUNNING : EVERY,
  );
  const money = live.data;
  const header = `Money in your store and in ${connection.label}`;
  if (!money) {
    return (
      <Panel header={header}>
        {live.error ? <Failure error={live.error} retry={live.refresh} /> : <Skeleton height="3rem" rows={6} />}
      </Panel>
    );
  }
  const wanted = (next: Range) => {
    setRange(next);
    setPage(1);
    setChoice(undefined);
  };
  return (
    <div aria-busy={live.stale}>
      {live.error && <Outdated error={live.error} />}
      <Panel header={header}>
        <Text>
          What your orders come to on both sides, including tax and less refunds. Every night the last week is compared again,
          and what differs is repaired.{" "}
          {money.covered_since
            ? `Orders from ${format.day(money.covered_since)} on are compared; older ones were not brought to ${connection.label} and are not missed.`
            : ""}
        </Text>
        <MoneyTotals crm={connection.label} totals={money.totals} />
        <MoneyCheck
          connection={connection}
          now={now}
          onRange={wanted}
          onStarted={live.refresh}
          range={range}
          run={money.run}
        />
      </Panel>
      <Differences
        choice={choice}
        compared={money.totals.length > 0 || Boolean(money.run?.finished_at)}
        connection={connection}
        onChoice={setChoice}
        onRepaired={live.refresh}
        runId={money.run?.finished_at ?? ""}
      />
      {money.total > 0 && <MoneyDays crm={connection.label} money={money} now={now} onChoice={setChoice} onPage={setPage} />}
    </div>
  );
}
