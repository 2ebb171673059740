import { Badge, InlineMessage, Panel, Text } from "@bigcommerce/big-design";
import { useState } from "react";

import type { Allowance, Lane } from "../api/allowance";
import type { Connection } from "../api/types";
import { useApp } from "../context";
import { useLive, useNow } from "../live";
import { Failure, Outdated, Skeleton } from "./Feedback";
import { Field } from "./Field";
import { Hours } from "./Hours";
import { type Column, Listing } from "./Listing";
import { Numbers } from "./Numbers";
import { SaveBar } from "./SaveBar";
import { ShareSlider } from "./ShareSlider";
import { Time } from "./Time";
import { useAction } from "./useAction";

const EVERY = 10_000; // ms
const WHOLE = /^\d{1,9}$/;

const LANES: Record<string, string> = {
  orders: "Orders",
  customers: "Customers",
  products: "Products",
  history: "History",
};

/** How many calls an account allows, how many of them are ours, and how far they go. */
export function Limits({ connection }: { connection: Connection }) {
  const { api } = useApp();
  const live = useLive(`allowance ${connection.id}`, (signal) => api.allowance(connection.id, signal), EVERY);
  const now = useNow();
  const allowance = live.data;
  if (!allowance) {
    return (
      <Panel header="Limits">
        {live.error ? <Failure error={live.error} retry={live.refresh} /> : <Skeleton height="2.5rem" rows={6} />}
      </Panel>
    );
  }
  const crm = allowance.vendor_label;
  return (
    <>
      {live.error && <Outdated error={live.error} />}
      <Panel header={`Calls to ${crm}`}>
        <Used allowance={allowance} now={now} />
        <InlineMessage
          marginBottom="medium"
          messages={[{ text: allowance.forecast.words }]}
          type={allowance.forecast.runs_out_at ? "warning" : "success"}
        />
        <Share allowance={allowance} connection={connection} onSaved={(saved) => live.put(() => saved)} />
      </Panel>
      <Panel header="The last 24 hours">
        <Hours hours={allowance.hours} />
      </Panel>
      <Panel header="What may go right now">
        <Text>
          When calls become scarce, what matters less waits first, so that there is always something left for orders: history, then
          products, then customers.
        </Text>
        <Lanes lanes={allowance.lanes} now={now} />
      </Panel>
      <Panel header="Calls to your store">
        <StoreQuota now={now} store={allowance.store} />
      </Panel>
    </>
  );
}

function Used({ allowance, now }: { allowance: Allowance; now: number }) {
  const { format } = useApp();
  const { ours, allowed, used, maximum, told_at: told } = allowance;
  const figures: [string, React.ReactNode][] = [
    ["Storeline’s, last 24 hours", format.number(ours)],
    ["Storeline’s share", allowed === null ? "No limit known" : format.number(allowed)],
  ];
  if (used !== null) figures.push([`Everybody’s, as ${allowance.vendor_label} says`, format.number(used)]);
  if (maximum !== null) figures.push([`Allowed by ${allowance.vendor_label} in 24 hours`, format.number(maximum)]);
  if (told) figures.push(["Last told", <Time at={told} key="told" now={now} />]);
  return <Numbers items={figures} />;
}

interface ShareProps {
  allowance: Allowance;
  connection: Connection;
  onSaved: (saved: Allowance) => void;
}

/** How much of the account's calls may be ours; and how many there are where the CRM does not tell. */
function Share({ allowance, connection, onSaved }: ShareProps) {
  const { api } = useApp();
  const action = useAction();
  const [share, setShare] = useState<number>();
  const [typed, setTyped] = useState<string>();
  const [isSaved, setSaved] = useState(false);
  const asks = !allowance.tells;
  const known = allowance.maximum === null ? "" : String(allowance.maximum);
  const text = typed ?? known;
  const wrong = text === "" || WHOLE.test(text) ? undefined : "A whole number, or nothing.";
  const maximum = asks ? (text && !wrong ? Number(text) : null) : allowance.maximum;
  const discard = () => {
    action.clear();
    setShare(undefined);
    setTyped(undefined);
  };
  const save = () => {
    if (wrong) return;
    const change = { share: share ?? allowance.share, ...(asks && text !== known ? { maximum } : {}) };
    void action
      .run("save", async () => onSaved(await api.changeAllowance(connection.id, change)))
      .then((done) => {
        if (!done) return;
        discard();
        setSaved(true);
      });
  };
  const edit = (then: () => void) => {
    setSaved(false);
    then();
  };
  const isChanged = (share ?? allowance.share) !== allowance.share || text !== known;
  return (
    <>
      {asks && (
        <Field
          error={wrong ?? action.fields.maximum}
          help={`${allowance.vendor_label} does not tell Storeline. If your contract limits the calls of a day, type the number; empty means no such limit.`}
          inputMode="numeric"
          label="Calls allowed in 24 hours"
          onChange={(event) => edit(() => setTyped(event.target.value.trim()))}
          value={text}
        />
      )}
      <ShareSlider
        crm={allowance.vendor_label}
        maximum={maximum}
        onChange={(percent) => edit(() => setShare(percent))}
        share={share ?? allowance.share}
      />
      <SaveBar action={action} isChanged={isChanged} isSaved={isSaved} onDiscard={discard} onSave={save} />
    </>
  );
}

function Lanes({ lanes, now }: { lanes: Lane[]; now: number }) {
  const columns: Column<Lane>[] = [
    { header: "Kind", isPlain: true, width: "40%", render: (one) => LANES[one.lane] ?? one.lane },
    {
      header: "State",
      isPlain: true,
      width: 120,
      render: (one) => <Badge label={one.open ? "Goes" : "Waits"} variant={one.open ? "success" : "warning"} />,
    },
    {
      header: "Goes on",
      render: (one) => (one.open || !one.until ? "" : <Time at={one.until} now={now} />),
    },
  ];
  return <Listing columns={columns} items={lanes} keyOf={(one) => one.lane} name="What may go" />;
}

function StoreQuota({ store, now }: { store: Allowance["store"]; now: number }) {
  const { format } = useApp();
  const known = store.quota !== null && store.left !== null;
  return (
    <>
      <Text>
        BigCommerce allows so many calls in every {store.window_seconds ? `${format.number(store.window_seconds)} seconds` : "few seconds"},
        shared with your other apps. History never takes more than its part of them.
      </Text>
      <Numbers
        items={[
          ["Left right now", known ? `${format.number(store.left ?? 0)} of ${format.number(store.quota ?? 0)}` : "Not known yet"],
          ["Storeline’s, last hour", format.number(store.ours_last_hour)],
          ...(store.resets_at && Date.parse(store.resets_at) > now
            ? [["Full again", <Time at={store.resets_at} key="resets" now={now} />] as [string, React.ReactNode]]
            : []),
        ]}
      />
    </>
  );
}
