import { Text } from "@bigcommerce/big-design";
import styled from "styled-components";

import type { MoneyTotal } from "../api/money";
import { useApp } from "../context";
import { isZero, plural } from "../format";
import { totalWords } from "../moneyWords";

const Cards = styled.ul`
  display: grid;
  gap: ${({ theme }) => theme.spacing.medium};
  grid-template-columns: repeat(auto-fit, minmax(min(17rem, 100%), 1fr));
  list-style: none;
  margin: 0 0 ${({ theme }) => theme.spacing.medium};
  padding: 0;
`;

const Card = styled.li<{ $agree: boolean }>`
  border: 1px solid ${({ theme }) => theme.colors.secondary30};
  border-left: 6px solid ${({ theme, $agree }) => ($agree ? theme.colors.success50 : theme.colors.danger50)};
  border-radius: ${({ theme }) => theme.borderRadius.normal};
  padding: ${({ theme }) => theme.spacing.medium};
`;

const Drift = styled.strong<{ $agree: boolean }>`
  color: ${({ theme, $agree }) => ($agree ? "inherit" : theme.colors.danger60)};
  display: block;
  font-size: 2rem;
  line-height: 1.25;
  overflow-wrap: anywhere;
`;

const Sides = styled.table`
  border-collapse: collapse;
  margin-top: ${({ theme }) => theme.spacing.small};
  width: 100%;

  th {
    color: ${({ theme }) => theme.colors.secondary60};
    font-weight: ${({ theme }) => theme.typography.fontWeight.regular};
    text-align: left;
  }

  td {
    text-align: right;
  }
`;

/** Both sides of each currency, and by how much they differ. */
export function MoneyTotals({ totals, crm }: { totals: MoneyTotal[]; crm: string }) {
  if (totals.length === 0) return <Text>Nothing has been compared in these days yet. Press “Check now” to do it.</Text>;
  return (
    <Cards aria-label="Totals by currency">
      {totals.map((total) => (
        <OneTotal crm={crm} key={total.currency} total={total} />
      ))}
    </Cards>
  );
}

function OneTotal({ total, crm }: { total: MoneyTotal; crm: string }) {
  const { format } = useApp();
  const agree = isZero(total.drift) && total.differences === 0;
  const sides: [string, string, number][] = [
    ["Your store", total.store_total, total.store_orders],
    [crm, total.crm_total, total.crm_orders],
  ];
  return (
    <Card $agree={agree}>
      {total.currency} difference
      <Drift $agree={agree}>{format.money(total.drift, total.currency)}</Drift>
      {totalWords(total, crm)}
      <Sides>
        <tbody>
          {sides.map(([name, amount, orders]) => (
            <tr key={name}>
              <th scope="row">
                {name} · {format.number(orders)} {plural(orders, "order", "orders")}
              </th>
              <td>{format.money(amount, total.currency)}</td>
            </tr>
          ))}
        </tbody>
      </Sides>
    </Card>
  );
}
