import { Button, H4, Text } from "@bigcommerce/big-design";
import type { DeliveryWithTries } from "../api/types";
import { useApp } from "../context";
import { useLive, useNow } from "../live";
import { kindOf, outcomeOf, titleOf } from "../words";
import { Attempts } from "./Attempts";
import { Correct } from "./Correct";
import { State } from "./DeliveryTable";
import { Dialog } from "./Dialog";
import { type Fact, Facts } from "./Facts";
import { Buttons, External, Failure, Problem, Skeleton } from "./Feedback";
import { Row } from "./layout";
import { Time } from "./Time";
import { useAction } from "./useAction";

const EVERY = 4_000; // ms
/** Where the focus goes when the row that was opened has left the list meanwhile. */
export const LISTED = "deliveries";

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
      returnTo={() =>
        document.querySelector<HTMLElement>(`a[href="#/deliveries/${id}"]`) ?? document.getElementById(LISTED)
      }
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

interface DetailsProps {
  delivery: DeliveryWithTries;
  onChanged: () => void;
}

function Details({ delivery, onChanged }: DetailsProps) {
  return (
    <>
      <Row>
        <State delivery={delivery} />
        <span>{outcomeOf(delivery)}</span>
      </Row>
      <AllFacts delivery={delivery} />
      <Row>
        {delivery.store_url && <External href={delivery.store_url}>Open in BigCommerce</External>}
        {delivery.crm_url && <External href={delivery.crm_url}>Open in {delivery.vendor_label}</External>}
      </Row>
      {delivery.error && delivery.state !== "done" && <Mend delivery={delivery} onChanged={onChanged} />}
      <H4 as="h3" marginTop="large">
        Attempts
      </H4>
      {delivery.tries.length ? <Attempts tries={delivery.tries} /> : <Text>None yet.</Text>}
    </>
  );
}

function AllFacts({ delivery }: { delivery: DeliveryWithTries }) {
  const { format } = useApp();
  const now = useNow();
  const { error } = delivery;
  const cause: Fact[] = error
    ? [
        ["What to do", error.advice],
        ["Who can", error.who],
        ["In their words", error.message],
        ["Field", error.field],
        ["Code", error.code],
      ]
    : [];
  const facts: Fact[] = [
    ...cause,
    ...delivery.flags.map((flag): Fact => ["Note", flag.message]),
    ["Kind", kindOf(delivery.kind, delivery.vendor_label)],
    ["Number", delivery.record_id.replace(/^guest:/, "Guest ")],
    ["Amount", format.amount(delivery.amount)],
    ["Asked for", format.exact(delivery.created_at)],
    ["Last change", format.exact(delivery.changed_at)],
    ["Next try", delivery.state === "waiting" && error ? <Time at={delivery.due_at} now={now} /> : ""],
    ["Correlation id", delivery.correlation_id],
  ];
  return <Facts facts={facts} />;
}

function Mend({ delivery, onChanged }: DetailsProps) {
  const { api } = useApp();
  const action = useAction();
  const replay = () => void action.run("replay", () => api.replay(delivery.id)).then(onChanged);
  return (
    <>
      {action.problem && <Problem onClose={action.clear} text={action.problem} />}
      <Buttons>
        {delivery.state === "dead" && (
          <Button isLoading={action.busy === "replay"} mobileWidth="auto" onClick={replay}>
            Replay
          </Button>
        )}
        <Correct delivery={delivery} onDone={onChanged} />
      </Buttons>
    </>
  );
}
