import { Badge, Panel } from "@bigcommerce/big-design";
import styled from "styled-components";

import type { MoneyDay, MoneyPage } from "../api/money";
import { useApp } from "../context";
import { isZero, plural } from "../format";
import { Hidden } from "./layout";
import { type Column, Listing } from "./Listing";
import { Pages } from "./Pages";
import { Time } from "./Time";
import { Pressable } from "./Pressable";

const Quiet = styled.span`
  color: ${({ theme }) => theme.colors.secondary60};
`;

export interface DayChoice {
  day: string;
  currency: string;
}

interface Props {
  money: MoneyPage;
  crm: string;
  now: number;
  onPage: (page: number) => void;
  /** Show the orders that differ on a day. */
  onChoice: (choice: DayChoice) => void;
}

/** Both sides day by day. */
export function MoneyDays({ money, crm, now, onPage, onChoice }: Props) {
  const { format } = useApp();
  const columns: Column<MoneyDay>[] = [
    { header: "Day", isPlain: true, render: (one) => <strong>{format.day(one.day)}</strong> },
    { header: "Your store", align: "right", render: (one) => <Side amount={one.store_total} day={one} orders={one.store_orders} /> },
    { header: crm, align: "right", render: (one) => <Side amount={one.crm_total} day={one} orders={one.crm_orders} /> },
    { header: "Difference", align: "right", render: (one) => <Drift day={one} onChoice={onChoice} /> },
    { header: "Compared", width: 150, render: (one) => <Time at={one.checked_at} now={now} /> },
  ];
  return (
    <Panel header="By day">
      <Listing columns={columns} items={money.items} keyOf={(one) => `${one.day} ${one.currency}`} name="Days" />
      <Pages
        onPage={onPage}
        page={money.page}
        pages={money.pages}
        shown={money.items.length}
        things="days"
        total={money.total}
      />
    </Panel>
  );
}

function Side({ day, amount, orders }: { day: MoneyDay; amount: string; orders: number }) {
  const { format } = useApp();
  return (
    <>
      {format.money(amount, day.currency)}
      <Quiet>
        {" · "}
        {format.number(orders)} {plural(orders, "order", "orders")}
      </Quiet>
    </>
  );
}

function Drift({ day, onChoice }: { day: MoneyDay; onChoice: Props["onChoice"] }) {
  const { format } = useApp();
  if (isZero(day.drift) && day.differences === 0) return <Badge label={format.money(day.drift, day.currency)} variant="success" />;
  return (
    <>
      <Badge label={format.money(day.drift, day.currency)} variant="danger" />{" "}
      {day.differences > 0 && (
        <Pressable onClick={() => onChoice({ day: day.day, currency: day.currency })}>
          {format.number(day.differences)} {plural(day.differences, "order", "orders")}
          <Hidden> of {format.day(day.day)}</Hidden>
        </Pressable>
      )}
    </>
  );
}
