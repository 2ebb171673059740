import { Badge, Button, Checkbox, Table } from "@bigcommerce/big-design";
import styled from "styled-components";

import type { Conflict, Side } from "../api/terms";
import { useMedia } from "../live";
import { fieldName, settledBy, sideName } from "../termWords";
import { CONFLICT_STATES, kindOf } from "../words";
import { External } from "./Feedback";
import { Hidden, Row } from "./layout";
import { useStableColumns } from "./stableColumns";
import { Time } from "./Time";

const Cards = styled.ul`
  list-style: none;
  margin: 0;
  padding: 0;
`;

const Card = styled.li`
  border-bottom: 1px solid ${({ theme }) => theme.colors.secondary30};
  overflow-wrap: anywhere;
  padding: ${({ theme }) => theme.spacing.small} 0;
`;

const Values = styled.dl`
  display: grid;
  gap: ${({ theme }) => `${theme.spacing.xxSmall} ${theme.spacing.small}`};
  grid-template-columns: minmax(5rem, max-content) 1fr;
  margin: ${({ theme }) => theme.spacing.xSmall} 0;

  dt {
    color: ${({ theme }) => theme.colors.secondary60};
  }

  dd {
    margin: 0;
    overflow-wrap: anywhere;
  }
`;

const Quiet = styled.span`
  color: ${({ theme }) => theme.colors.secondary60};
`;

const Places = styled.div`
  display: flex;
  flex-wrap: wrap;
  gap: ${({ theme }) => `0 ${theme.spacing.small}`};
`;

const Stands = styled.span<{ $stands: boolean }>`
  font-weight: ${({ theme, $stands }) => ($stands ? theme.typography.fontWeight.semiBold : "inherit")};
  overflow-wrap: anywhere;
`;

const Choices = styled.div`
  display: flex;
  flex-wrap: wrap;
  gap: ${({ theme }) => theme.spacing.xxSmall};

  && > button {
    margin-left: 0;
  }
`;

interface Props {
  items: Conflict[];
  now: number;
  busy: number[];
  selected: ReadonlySet<number>;
  onSelect: (ids: ReadonlySet<number>) => void;
  onSettle: (conflict: Conflict, winner: Side) => void;
}

/** Conflicts as a table, or as a list where a table has no room. */
export function ConflictTable(props: Props) {
  return useMedia("(min-width: 1000px)") ? <Wide {...props} /> : <Narrow {...props} />;
}

function Wide(props: Props) {
  const { items, now } = props;
  const columns = useStableColumns<Conflict>([
    { header: "Select", hash: "select", width: 56, hideHeader: true, render: (one) => <Selection {...props} conflict={one} /> },
    { header: "Record", hash: "record", width: "18%", render: (one) => <Record conflict={one} /> },
    { header: "Field", hash: "field", width: 110, render: (one) => fieldName(one.field) },
    { header: "BigCommerce", hash: "ours", render: (one) => <Value conflict={one} side="bigcommerce" /> },
    { header: "The CRM", hash: "theirs", render: (one) => <Value conflict={one} side="crm" /> },
    { header: "Agreed before", hash: "agreed", render: (one) => <Before conflict={one} /> },
    { header: "When", hash: "when", width: 110, render: (one) => <Time at={one.changed_at} now={now} /> },
    { header: "Decision", hash: "decision", width: 250, render: (one) => <Decision {...props} conflict={one} /> },
  ]);
  return (
    <Table
      aria-label="Conflicts"
      columns={columns}
      items={items}
      stickyHeader
    />
  );
}

function Narrow(props: Props) {
  return (
    <Cards aria-label="Conflicts">
      {props.items.map((one) => (
        <Card key={one.id}>
          <Row>
            <Selection {...props} conflict={one} />
            <Record conflict={one} />
          </Row>
          <Values>
            <dt>Field</dt>
            <dd>{fieldName(one.field)}</dd>
            <dt>BigCommerce</dt>
            <dd>
              <Value conflict={one} side="bigcommerce" />
            </dd>
            <dt>{one.vendor_label}</dt>
            <dd>
              <Value conflict={one} side="crm" />
            </dd>
            <dt>Before</dt>
            <dd>
              <Before conflict={one} />
            </dd>
            <dt>When</dt>
            <dd>
              <Time at={one.changed_at} now={props.now} />
            </dd>
          </Values>
          <Decision {...props} conflict={one} />
        </Card>
      ))}
    </Cards>
  );
}

type OneProps = Props & { conflict: Conflict };

function Selection({ conflict, selected, onSelect }: OneProps) {
  if (conflict.state === "settled") return null;
  const toggle = () => {
    const next = new Set(selected);
    if (!next.delete(conflict.id)) next.add(conflict.id);
    onSelect(next);
  };
  return <Checkbox checked={selected.has(conflict.id)} hiddenLabel label={`Select ${about(conflict)}`} onChange={toggle} />;
}

function Record({ conflict }: { conflict: Conflict }) {
  return (
    <div>
      <strong>{conflict.label || `${kindOf(conflict.record_kind)} ${conflict.record_id}`}</strong>
      <Places>
        <Quiet>{kindOf(conflict.record_kind)}</Quiet>
        {conflict.store_url && <External href={conflict.store_url}>BigCommerce</External>}
        {conflict.crm_url && <External href={conflict.crm_url}>{conflict.vendor_label}</External>}
      </Places>
    </div>
  );
}

function Value({ conflict, side }: { conflict: Conflict; side: Side }) {
  return <Stands $stands={conflict.winner === side}>{conflict[side] || <Quiet>(empty)</Quiet>}</Stands>;
}

function Before({ conflict }: { conflict: Conflict }) {
  return <Quiet>{conflict.agreed === null ? "(never agreed)" : conflict.agreed || "(empty)"}</Quiet>;
}

function Decision({ conflict, busy, onSettle }: OneProps) {
  if (conflict.state !== "open") {
    return (
      <div>
        <Badge {...CONFLICT_STATES[conflict.state]} />
        <div>
          {conflict.winner && `${sideName(conflict.winner, conflict.vendor_label)}’s value stands. `}
          <Quiet>{settledBy(conflict)}</Quiet>
        </div>
      </div>
    );
  }
  return (
    <Choices>
      {(["bigcommerce", "crm"] as const).map((side) => (
        <Button
          disabled={busy.length > 0}
          isLoading={busy.includes(conflict.id)}
          key={side}
          marginBottom="none"
          mobileWidth="auto"
          onClick={() => onSettle(conflict, side)}
          variant="secondary"
        >
          Keep {sideName(side, conflict.vendor_label)}’s<Hidden> ({about(conflict)})</Hidden>
        </Button>
      ))}
    </Choices>
  );
}

function about(conflict: Conflict): string {
  return `${fieldName(conflict.field)} of ${conflict.label || conflict.record_id}`;
}
