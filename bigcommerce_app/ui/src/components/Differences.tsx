import { Button, Panel, Text } from "@bigcommerce/big-design";
import { type ReactNode, useEffect, useState } from "react";

import type { Difference, DifferenceFilter, DifferencePage } from "../api/money";
import type { Connection } from "../api/types";
import { useApp } from "../context";
import { plural } from "../format";
import { type Live, useLive } from "../live";
import { differenceWords, repairWords } from "../moneyWords";
import { Announcement, External, Failure, Outdated, Problem, Skeleton, Status } from "./Feedback";
import { Choice } from "./Field";
import { Hidden, Row } from "./layout";
import { type Column, Listing } from "./Listing";
import type { DayChoice } from "./MoneyDays";
import { GoTo } from "./Navigation";
import { Pages } from "./Pages";
import { Pressable } from "./Pressable";
import { type Action, useAction } from "./useAction";
import { useKeptFocus } from "./useKeptFocus";

const EVERY = 8_000; // ms
const STATES = [
  { value: "open" as const, content: "Not repaired yet" },
  { value: "settled" as const, content: "Repaired" },
];

interface Props {
  connection: Connection;
  choice: DayChoice | undefined;
  /** Which check was the last: its end changes what is listed. */
  runId: string;
  /** Whether anything was compared at all. */
  compared: boolean;
  onChoice: (choice: DayChoice | undefined) => void;
  onRepaired: () => void;
}

/** The orders that are not the same on both sides, to the cent. */
export function Differences({ connection, choice, runId, compared, onChoice, onRepaired }: Props) {
  const { api } = useApp();
  const action = useAction();
  const [said, setSaid] = useState("");
  const [state, setState] = useState<DifferenceFilter["state"]>("open");
  const [page, setPage] = useState(1);
  const { place: top, keep } = useKeptFocus<HTMLDivElement>();
  useEffect(() => {
    setPage(1);
    if (choice) top.current?.focus();
  }, [choice, top]);
  const filter: DifferenceFilter = { ...choice, state, page };
  const live = useLive(
    `differences ${connection.id} ${JSON.stringify(filter)} ${runId}`,
    (signal) => api.differences(connection.id, filter, signal),
    EVERY,
  );
  const repair = (orders: string[] | null) =>
    void action
      .run(orders?.[0] ?? "all", async () => {
        const { requested } = await api.repair(connection.id, orders);
        setSaid(`${requested} ${plural(requested, "order is", "orders are")} brought again. The next check says whether both sides agree.`);
      })
      .then(() => {
        live.refresh();
        onRepaired();
        keep();
      });
  const found = live.data;
  return (
    <Panel header="Orders that differ">
      <div ref={top} tabIndex={-1}>
        {choice && <Chosen choice={choice} onAll={() => onChoice(undefined)} />}
      </div>
      <Row $align="flex-end">
        <Choice
          label="State"
          onChange={(next) => {
            setState(next);
            setPage(1);
          }}
          options={STATES}
          value={state}
        />
        {state === "open" && (
          <Button
            disabled={!found?.total || Boolean(choice)}
            isLoading={action.busy === "all"}
            marginBottom="none"
            mobileWidth="auto"
            onClick={() => repair(null)}
            variant="secondary"
          >
            Repair all
          </Button>
        )}
        <Announcement>{said}</Announcement>
      </Row>
      <div aria-live="assertive">{action.problem && <Problem onClose={action.clear} text={action.problem} />}</div>
      <Results compared={compared} live={live} onPage={setPage} state={state}>
        {(items) => <Table action={action} crm={connection.label} items={items} onRepair={(order) => repair([order])} />}
      </Results>
    </Panel>
  );
}

function Chosen({ choice, onAll }: { choice: DayChoice; onAll: () => void }) {
  const { format } = useApp();
  return (
    <Text>
      Only {choice.currency} of {format.day(choice.day)}. <Pressable onClick={onAll}>Show all days</Pressable>
    </Text>
  );
}

interface ResultsProps {
  live: Live<DifferencePage>;
  state: DifferenceFilter["state"];
  compared: boolean;
  onPage: (page: number) => void;
  children: (items: Difference[]) => ReactNode;
}

function Results({ live, state, compared, onPage, children }: ResultsProps) {
  const found = live.data;
  if (!found) return live.error ? <Failure error={live.error} retry={live.refresh} /> : <Skeleton height="2.5rem" rows={3} />;
  return (
    <div aria-busy={live.stale}>
      {live.error && <Outdated error={live.error} />}
      {found.total === 0 ? <None compared={compared} state={state} /> : children(found.items)}
      {found.pages > 1 && (
        <Pages
          onPage={onPage}
          page={found.page}
          pages={found.pages}
          shown={found.items.length}
          things="orders that differ"
          total={found.total}
        />
      )}
    </div>
  );
}

function None({ state, compared }: { state: DifferenceFilter["state"]; compared: boolean }) {
  if (!compared) {
    return <Status heading="Nothing compared yet" message="Orders that differ are listed here after the first check." variant="info" />;
  }
  return state === "open" ? (
    <Status heading="No order differs" message="Every order that was compared is the same on both sides." variant="success" />
  ) : (
    <Status heading="Nothing yet" message="Orders that differed and were repaired are listed here." variant="info" />
  );
}

interface TableProps {
  items: Difference[];
  crm: string;
  action: Action;
  onRepair: (orderId: string) => void;
}

function Table({ items, crm, action, onRepair }: TableProps) {
  const { format } = useApp();
  const money = (one: Difference, amount: string | null) => (amount === null ? "–" : format.money(amount, one.currency));
  const columns: Column<Difference>[] = [
    { header: "Order", isPlain: true, render: (one) => <Order crm={crm} one={one} /> },
    { header: "What differs", render: (one) => differenceWords(one.kind, crm), width: "22%" },
    { header: "Your store", align: "right", render: (one) => money(one, one.store_net) },
    { header: crm, align: "right", render: (one) => money(one, one.crm_net) },
    { header: "Difference", align: "right", render: (one) => <strong>{money(one, one.drift)}</strong> },
    { header: "Repair", isPlain: true, width: "20%", render: (one) => <Repair action={action} crm={crm} onRepair={onRepair} one={one} /> },
  ];
  return <Listing columns={columns} items={items} keyOf={(one) => one.id} name="Orders that differ" />;
}

function Order({ one, crm }: { one: Difference; crm: string }) {
  const { format } = useApp();
  return (
    <>
      <strong>Order {one.order_id}</strong> · {format.day(one.day)}
      <div>
        {one.store_url && <External href={one.store_url}>BigCommerce</External>}
        {one.store_url && one.crm_url && " · "}
        {one.crm_url && <External href={one.crm_url}>{crm}</External>}
      </div>
    </>
  );
}

interface RepairProps {
  one: Difference;
  crm: string;
  action: Action;
  onRepair: (orderId: string) => void;
}

function Repair({ one, crm, action, onRepair }: RepairProps) {
  const { format } = useApp();
  if (one.settled_at) return <>Agreed again on {format.moment(one.settled_at)}</>;
  const dead = one.delivery?.state === "dead";
  const busy = one.delivery?.state === "waiting" || one.delivery?.state === "running";
  const words = repairWords(one, crm);
  return (
    <Row style={{ marginBottom: 0 }}>
      {dead && one.delivery && <GoTo path={`/deliveries/${one.delivery.id}`}>Failed: see why</GoTo>}
      {words && <span>{words}</span>}
      {!busy && one.kind !== "twice" && (
        <Button
          isLoading={action.busy === one.order_id}
          marginBottom="none"
          mobileWidth="auto"
          onClick={() => onRepair(one.order_id)}
          variant="secondary"
        >
          Repair<Hidden> order {one.order_id}</Hidden>
        </Button>
      )}
    </Row>
  );
}
