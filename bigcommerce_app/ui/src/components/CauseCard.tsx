import { Badge, Button, H3 } from "@bigcommerce/big-design";
import styled from "styled-components";

import type { Cause } from "../api/problems";
import { useApp } from "../context";
import { plural } from "../format";
import { isFromCrm, kindsOf } from "../words";
import { type Fact, Facts } from "./Facts";
import { Hidden, Row } from "./layout";
import { GoTo } from "./Navigation";
import { Time } from "./Time";

const Card = styled.li`
  border-top: 1px solid ${({ theme }) => theme.colors.secondary30};
  overflow-wrap: anywhere;
  padding: ${({ theme }) => `${theme.spacing.medium} 0 0`};
`;

const Quote = styled.q`
  font-style: italic;
  quotes: "“" "”";
`;

interface Props {
  cause: Cause;
  now: number;
  busy: boolean;
  /** Whether there is more than one account that it may be about. */
  several: boolean;
  onReplay: () => void;
}

/** Why some records do not go, what it holds up, what to do and who can. */
export function CauseCard({ cause, now, busy, several, onReplay }: Props) {
  const { format } = useApp();
  const { error } = cause;
  const money = Object.entries(cause.money).map(([currency, amount]) => format.money(amount, currency));
  const facts: Fact[] = [
    ["What to do", error.advice],
    ["Who can", error.who],
    [`${cause.vendor_label} says`, error.message && <Quote>{error.message}</Quote>],
    ["Field", error.field],
    ["Held up", heldUp(cause, format.number.bind(format))],
    ["Money not there yet", money.join(" + ")],
    ["Since", <Time at={cause.oldest_at} key="since" now={now} />],
    ["For example", cause.labels.join(" · ")],
  ];
  return (
    <Card>
      <Row $align="baseline">
        <H3 marginBottom="none">{error.words}</H3>
        {cause.deliveries > 0 && <Badge label={`${format.number(cause.deliveries)} failed`} variant="danger" />}
        {cause.waiting > 0 && <Badge label={`${format.number(cause.waiting)} trying again`} variant="warning" />}
        {several && <span>{cause.vendor_label}</span>}
      </Row>
      <Facts facts={facts} />
      <Row>
        {cause.deliveries > 0 && (
          <Button isLoading={busy} marginBottom="none" mobileWidth="auto" onClick={onReplay} variant="secondary">
            {cause.deliveries === 1 ? "Replay it" : `Replay these ${format.number(cause.deliveries)}`}
            <Hidden> ({error.words})</Hidden>
          </Button>
        )}
        <GoTo path={`/deliveries/${cause.example}`}>
          {cause.deliveries + cause.waiting === 1 ? "Open it" : "Open one"}
          {!isFromCrm(cause.kind) && " and correct it" /* what comes from the CRM is corrected there */}
          <Hidden> ({error.words})</Hidden>
        </GoTo>
        {cause.deliveries + cause.waiting > 1 && (
          <GoTo path={listOf(cause)}>
            Show all<Hidden> ({error.words})</Hidden>
          </GoTo>
        )}
      </Row>
    </Card>
  );
}

function heldUp({ kind, deliveries, waiting, orders, vendor_label: crm }: Cause, number: (value: number) => string): string {
  const records = `${number(deliveries + waiting)} ${kindsOf(kind, deliveries + waiting, crm)}`;
  return kind === "order" || orders === 0 ? records : `${records}, with them ${number(orders)} ${plural(orders, "order", "orders")}`;
}

/** Where Activity lists them. */
function listOf(cause: Cause): string {
  const query = new URLSearchParams({
    connection_id: String(cause.connection_id),
    kind: cause.kind,
    q: cause.error.code || cause.error.message.slice(0, 100),
    ...(cause.waiting === 0 ? { state: "dead" } : {}),
  });
  return `/deliveries?${query}`;
}
