import { Button, Checkbox, Text } from "@bigcommerce/big-design";
import { useState } from "react";
import styled from "styled-components";

import type { History, HistoryWish } from "../api/history";
import type { Connection } from "../api/types";
import { useApp } from "../context";
import { listed } from "../format";
import { HISTORY_KINDS, ORDER_STATUSES } from "../historyWords";
import { useNow } from "../live";
import { DateRange, wrongRange } from "./DateRange";
import { Problem } from "./Feedback";
import { Field } from "./Field";
import { Fold } from "./Fold";
import { Row } from "./layout";
import { useAction } from "./useAction";

const PARCELS = 60; // days back within which parcels are brought, too
const AMOUNT = /^\d{1,12}([.,]\d{1,4})?$/;
const DIGITS = /^\d{1,32}$/;

const Group = styled.fieldset`
  border: 0;
  margin: 0 0 ${({ theme }) => theme.spacing.medium};
  padding: 0;

  legend {
    font-weight: ${({ theme }) => theme.typography.fontWeight.semiBold};
    margin-bottom: ${({ theme }) => theme.spacing.xSmall};
    padding: 0;
  }
`;

const Boxes = styled.div`
  display: grid;
  gap: ${({ theme }) => theme.spacing.xSmall};
  grid-template-columns: repeat(auto-fill, minmax(min(13rem, 100%), 1fr));
`;

interface Wish {
  kinds: string[];
  since: string;
  until: string;
  statuses: string[];
  channels: string;
  least: string;
  parcels: string;
}

const START: Wish = { kinds: ["customer", "order"], since: "", until: "", statuses: [], channels: "", least: "", parcels: `${PARCELS}` };

interface Props {
  connection: Connection;
  onCounted: (history: History) => void;
}

/** What is to be brought: kinds, days, and which orders. */
export function HistoryForm({ connection, onCounted }: Props) {
  const { api, format } = useApp();
  const action = useAction();
  const [wish, setWish] = useState(START);
  const [tried, setTried] = useState(false);
  const now = useNow();
  const wrong = wrongOf(wish);
  const errors = { ...(tried ? wrong : {}), ...serverSide(action.fields) };
  const change = (part: Partial<Wish>) => setWish({ ...wish, ...part });
  const count = () => {
    setTried(true);
    if (Object.values(wrong).some(Boolean)) {
      window.setTimeout(() => document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
      return;
    }
    void action.run("count", async () => onCounted(await api.countHistory(connection.id, asked(wish))));
  };
  const orders = wish.kinds.includes("order");
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        count();
      }}
    >
      <Group aria-describedby={errors.kinds && "history-kinds"}>
        <legend>What</legend>
        <Several
          chosen={wish.kinds}
          onChange={(kinds) => change({ kinds })}
          options={HISTORY_KINDS.map(({ kind, label }) => [kind, label])}
        />
        {errors.kinds && (
          <div id="history-kinds">
            <Problem text={errors.kinds} />
          </div>
        )}
      </Group>
      <Text marginBottom="xSmall">
        Made in the store in these days, both included. Empty means from the beginning, and up to now.
      </Text>
      <DateRange
        error={errors.until}
        latest={format.calendarDay(now)}
        onChange={(range) => change(range)}
        range={wish}
      />
      {orders && <OnlySome change={change} errors={errors} wish={wish} />}
      <div aria-live="assertive">{action.problem && <Problem text={action.problem} />}</div>
      <Row>
        <Button isLoading={action.busy !== ""} marginBottom="none" mobileWidth="auto" type="submit">
          Count first
        </Button>
        <Text as="span" color="secondary60" marginBottom="none">
          Nothing is written to {connection.label} before you press Start.
        </Text>
      </Row>
    </form>
  );
}

interface SomeProps {
  wish: Wish;
  errors: Record<string, string | undefined>;
  change: (part: Partial<Wish>) => void;
}

/** Filters that orders alone have. */
function OnlySome({ wish, errors, change }: SomeProps) {
  const chosen = wish.statuses.length ? `${wish.statuses.length} states` : "all orders";
  return (
    <Fold isOpen={Boolean(errors.least || errors.channels || errors.parcels)} name="Which orders" note={chosen}>
      <Group>
        <legend>States in BigCommerce, by its own names (none chosen: all)</legend>
        <Several chosen={wish.statuses} onChange={(statuses) => change({ statuses })} options={ORDER_STATUSES} />
      </Group>
      <Boxes style={{ alignItems: "end" }}>
        <Field
          error={errors.least}
          help="Orders of a smaller total are left out. Empty: all."
          inputMode="decimal"
          label="From this total on"
          onChange={(event) => change({ least: event.target.value })}
          value={wish.least}
        />
        <Field
          error={errors.channels}
          help="Numbers of channels, separated by commas. Empty: those chosen under Storefronts."
          label="Storefronts"
          onChange={(event) => change({ channels: event.target.value })}
          value={wish.channels}
        />
        <Field
          error={errors.parcels}
          help="Tracking numbers of older orders are left out: each shipped order costs a call more with them."
          inputMode="numeric"
          label="Tracking numbers of the last days"
          onChange={(event) => change({ parcels: event.target.value })}
          value={wish.parcels}
        />
      </Boxes>
    </Fold>
  );
}

interface SeveralProps {
  options: [value: string, label: string][];
  chosen: string[];
  onChange: (chosen: string[]) => void;
}

function Several({ options, chosen, onChange }: SeveralProps) {
  return (
    <Boxes>
      {options.map(([value, label]) => (
        <Checkbox
          checked={chosen.includes(value)}
          key={value}
          label={label}
          onChange={() => onChange(chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value])}
        />
      ))}
    </Boxes>
  );
}

function wrongOf(wish: Wish): Record<string, string | undefined> {
  const channel = listed(wish.channels).find((one) => !DIGITS.test(one));
  return {
    kinds: wish.kinds.length ? undefined : "Choose at least one.",
    until: wrongRange(wish),
    least: !wish.least.trim() || AMOUNT.test(wish.least.trim()) ? undefined : "An amount, such as 25 or 25.50.",
    channels: channel && `“${channel}” is not the number of a channel.`,
    parcels: /^\d{1,4}$/.test(wish.parcels.trim()) ? undefined : "A number of days, 0 for none.",
  };
}

/** The API's words, at the inputs that they are about. */
function serverSide(fields: Record<string, string>): Record<string, string> {
  const names: Record<string, string> = { min_total: "least", parcels_days: "parcels", since: "until" };
  return Object.fromEntries(Object.entries(fields).map(([name, words]) => [names[name] ?? name.split(".")[0], words]));
}

function asked(wish: Wish): HistoryWish {
  const orders = wish.kinds.includes("order");
  return {
    kinds: HISTORY_KINDS.map(({ kind }) => kind).filter((kind) => wish.kinds.includes(kind)),
    since: wish.since || null,
    until: wish.until || null,
    statuses: orders ? wish.statuses : [],
    channels: orders ? listed(wish.channels) : [],
    min_total: (orders && wish.least.trim().replace(",", ".")) || null,
    parcels_days: Number(wish.parcels),
  };
}
