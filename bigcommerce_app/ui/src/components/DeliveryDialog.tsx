import { Button, H4, Text } from "@bigcommerce/big-design";
import styled from "styled-components";

import type { DeliveryWithTries } from "../api/types";
import { useApp } from "../context";
import { useLive, useNow } from "../live";
import { kindOf, outcomeOf, titleOf } from "../words";
import { Attempts } from "./Attempts";
import { State } from "./DeliveryTable";
import { Dialog } from "./Dialog";
import { Buttons, External, Failure, Problem, Skeleton } from "./Feedback";
import { Row } from "./layout";
import { Time } from "./Time";
import { useAction } from "./useAction";

const EVERY = 4_000; // ms

const Facts = styled.dl`
  display: grid;
  gap: ${({ theme }) => `${theme.spacing.xSmall} ${theme.spacing.medium}`};
  grid-template-columns: minmax(6rem, max-content) 1fr;
  margin: 0 0 ${({ theme }) => theme.spacing.large};

  dt {
    color: ${({ theme }) => theme.colors.secondary60};
  }

  dd {
    margin: 0;
    overflow-wrap: anywhere;
  }
`;

interface Props {
  id: number;
  onClose: () => void;
  onChanged: () => void;
}

/** One delivery: what happened and why, who can mend it, and everything that went over the wire. */
export function DeliveryDialog({ id, onClose, onChanged }: Props) {
  const { api } = useApp();
  const live = useLive(`delivery ${id}`, (signal) => api.delivery(id, signal), EVERY);
  const delivery = live.data;
  return (
    <Dialog
      actions={[{ text: "Close", variant: "secondary", onClick: onClose }]}
      header={delivery ? titleOf(delivery) : "Delivery"}
      isOpen
      onClose={onClose}
    >
      {!delivery && live.error && <Failure error={live.error} retry={live.refresh} />}
      {!delivery && !live.error && <Skeleton rows={6} />}
      {delivery && (
        <Details
          delivery={delivery}
          onChanged={() => {
            live.refresh();
            onChanged();
          }}
        />
      )}
    </Dialog>
  );
}

function Details({ delivery, onChanged }: { delivery: DeliveryWithTries; onChanged: () => void }) {
  const { api, format } = useApp();
  const action = useAction();
  const now = useNow();
  const { error } = delivery;
  return (
    <>
      <Row>
        <State delivery={delivery} />
        <span>{outcomeOf(delivery)}</span>
      </Row>
      <Facts>
        {error && (
          <Rows
            rows={[
              ["What to do", error.advice],
              ["Who can", error.who],
              ["In their words", error.message],
              ["Field", error.field],
              ["Code", error.code],
            ]}
          />
        )}
        {delivery.flags.map((flag) => (
          <Rows key={flag.code + flag.message} rows={[["Note", flag.message]]} />
        ))}
        <Rows
          rows={[
            ["Kind", kindOf(delivery.kind)],
            ["Number", delivery.record_id.replace(/^guest:/, "Guest ")],
            ["Amount", format.amount(delivery.amount)],
          ]}
        />
        <dt>Asked for</dt>
        <dd>{format.exact(delivery.created_at)}</dd>
        <dt>Last change</dt>
        <dd>{format.exact(delivery.changed_at)}</dd>
        {delivery.state === "waiting" && delivery.error && (
          <>
            <dt>Next try</dt>
            <dd>
              <Time at={delivery.due_at} now={now} />
            </dd>
          </>
        )}
        <Rows rows={[["Correlation id", delivery.correlation_id]]} />
      </Facts>
      {action.problem && <Problem onClose={action.clear} text={action.problem} />}
      <Row>
        {delivery.store_url && <External href={delivery.store_url}>Open in BigCommerce</External>}
        {delivery.crm_url && <External href={delivery.crm_url}>Open in the CRM</External>}
      </Row>
      {delivery.state === "dead" && (
        <Buttons>
          <Button
            isLoading={action.busy === "replay"}
            onClick={() => void action.run("replay", () => api.replay(delivery.id)).then(onChanged)}
          >
            Replay
          </Button>
        </Buttons>
      )}
      <H4 as="h3" marginTop="large">
        Attempts
      </H4>
      {delivery.tries.length ? <Attempts tries={delivery.tries} /> : <Text>None yet.</Text>}
    </>
  );
}

function Rows({ rows }: { rows: [string, string][] }) {
  return rows
    .filter(([, value]) => value)
    .map(([name, value]) => [<dt key={`${name} name`}>{name}</dt>, <dd key={`${name} value`}>{value}</dd>]);
}
