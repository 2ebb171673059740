import { Badge, Button, Table } from "@bigcommerce/big-design";
import styled from "styled-components";

import type { Delivery } from "../api/types";
import { useApp } from "../context";
import { useMedia } from "../live";
import { DELIVERY_STATES, isFromCrm, kindOf, outcomeOf, titleOf } from "../words";
import { GoTo } from "./Navigation";
import { Hidden } from "./layout";
import { useStableColumns } from "./stableColumns";
import { Time } from "./Time";

const Cards = styled.ul`
  list-style: none;
  margin: 0;
  padding: 0;
`;

const Card = styled.li`
  border-bottom: 1px solid ${({ theme }) => theme.colors.secondary30};
  display: grid;
  gap: ${({ theme }) => theme.spacing.xxSmall};
  overflow-wrap: anywhere;
  padding: ${({ theme }) => theme.spacing.small} 0;
`;

const Line = styled.div`
  align-items: center;
  display: flex;
  flex-wrap: wrap;
  gap: ${({ theme }) => theme.spacing.xSmall};
  justify-content: space-between;
`;

const Quiet = styled.span`
  color: ${({ theme }) => theme.colors.secondary60};
`;

const Small = styled.small`
  color: ${({ theme }) => theme.colors.secondary60};
  display: block;
  font-size: 0.875rem;
`;

const OneLine = styled.span`
  white-space: nowrap;
`;

const Words = styled.span<{ $failed: boolean }>`
  color: ${({ theme, $failed }) => ($failed ? theme.colors.danger60 : "inherit")};
  overflow-wrap: anywhere;
`;

interface Props {
  items: Delivery[];
  now: number;
  replaying: number | undefined;
  onReplay: (delivery: Delivery) => void;
}

/** Deliveries as a table, or as a list where a table has no room. */
export function DeliveryTable(props: Props) {
  return useMedia("(min-width: 800px)") ? <Wide {...props} /> : <Narrow {...props} />;
}

function Wide({ items, now, replaying, onReplay }: Props) {
  const { format } = useApp();
  const columns = useStableColumns<Delivery>([
    { header: "State", hash: "state", width: 125, render: (one) => <State delivery={one} /> },
    { header: "Record", hash: "record", width: "26%", render: (one) => <Record delivery={one} /> },
    { header: "Amount", hash: "amount", align: "right", width: 120, render: (one) => format.amount(one.amount) },
    { header: "When", hash: "when", width: 130, render: (one) => <OneLine><Time at={one.changed_at} now={now} /></OneLine> },
    { header: "What happened", hash: "outcome", render: (one) => <Outcome delivery={one} /> },
    {
      header: "Action",
      hash: "action",
      width: 110,
      render: (one) => <Replay delivery={one} onReplay={onReplay} replaying={replaying} />,
    },
  ]);
  return (
    <Table
      aria-label="Deliveries"
      columns={columns}
      items={items}
      stickyHeader
    />
  );
}

function Narrow({ items, now, replaying, onReplay }: Props) {
  const { format } = useApp();
  return (
    <Cards aria-label="Deliveries">
      {items.map((one) => (
        <Card key={one.id}>
          <Line>
            <Record delivery={one} />
            <State delivery={one} />
          </Line>
          <Outcome delivery={one} />
          <Line>
            <Quiet>
              {one.amount && `${format.amount(one.amount)} · `}
              <Time at={one.changed_at} now={now} />
            </Quiet>
            <Replay delivery={one} onReplay={onReplay} replaying={replaying} />
          </Line>
        </Card>
      ))}
    </Cards>
  );
}

export function State({ delivery }: { delivery: Delivery }) {
  return <Badge {...DELIVERY_STATES[delivery.state]} />;
}

function Record({ delivery }: { delivery: Delivery }) {
  return (
    <span>
      <GoTo path={`/deliveries/${delivery.id}`}>{titleOf(delivery)}</GoTo>
      {delivery.label && <Kind delivery={delivery} />}
    </span>
  );
}

/** Which kind of record has this label; shown where that is not to be expected. */
function Kind({ delivery }: { delivery: Delivery }) {
  const kind = kindOf(delivery.kind, delivery.vendor_label);
  return isFromCrm(delivery.kind) ? <Small>{kind}</Small> : <Hidden> ({kind})</Hidden>;
}

function Outcome({ delivery }: { delivery: Delivery }) {
  const flags = delivery.flags.length;
  return (
    <Words $failed={delivery.state === "dead"}>
      {outcomeOf(delivery)}
      {flags > 0 && (
        <>
          {" "}
          <Badge label={flags === 1 ? "1 note" : `${flags} notes`} variant="warning" />
        </>
      )}
    </Words>
  );
}

function Replay({ delivery, replaying, onReplay }: Omit<Props, "items" | "now"> & { delivery: Delivery }) {
  if (delivery.state !== "dead") return null;
  return (
    <Button
      isLoading={replaying === delivery.id}
      marginBottom="none"
      mobileWidth="auto"
      onClick={() => onReplay(delivery)}
      variant="secondary"
    >
      Replay<Hidden> {titleOf(delivery)}</Hidden>
    </Button>
  );
}
