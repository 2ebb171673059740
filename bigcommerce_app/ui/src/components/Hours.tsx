import { Text } from "@bigcommerce/big-design";
import styled from "styled-components";

import type { Allowance } from "../api/allowance";
import { useApp } from "../context";
import { Fold } from "./Fold";
import { Grid } from "./layout";

const Bars = styled.div`
  align-items: flex-end;
  border-bottom: 1px solid ${({ theme }) => theme.colors.secondary40};
  display: grid;
  gap: 2px;
  grid-template-columns: repeat(24, minmax(0, 1fr));
  height: 8rem;
`;

const Bar = styled.div`
  background: ${({ theme }) => theme.colors.primary40};
  border-radius: 2px 2px 0 0;
`;

const Ends = styled.div`
  color: ${({ theme }) => theme.colors.secondary60};
  display: flex;
  font-size: 0.875rem;
  justify-content: space-between;
  margin-bottom: ${({ theme }) => theme.spacing.small};
`;

/** Calls hour by hour: bars for the eye, a table for everybody. */
export function Hours({ hours }: { hours: Allowance["hours"] }) {
  const { format } = useApp();
  const most = Math.max(1, ...hours.map((one) => one.calls));
  const sum = hours.reduce((total, one) => total + one.calls, 0);
  if (sum === 0) return <Text marginBottom="none">No calls in the last 24 hours.</Text>;
  return (
    <>
      <Bars
        aria-label={`Storeline’s calls in each of the last ${hours.length} hours, ${format.number(most)} in the busiest; all figures in the table below`}
        role="img"
      >
        {hours.map((one) => (
          <Bar key={one.hour} style={{ height: `${(100 * one.calls) / most}%` }} title={`${format.moment(one.hour)}: ${format.number(one.calls)}`} />
        ))}
      </Bars>
      <Ends aria-hidden="true">
        <span>{hours[0] && format.moment(hours[0].hour)}</span>
        <span>now</span>
      </Ends>
      <Fold name="As a table" note={`${format.number(sum)} calls`}>
        <Grid>
          <caption>Storeline’s calls by the hour</caption>
          <thead>
            <tr>
              <th scope="col">Hour from</th>
              <th scope="col">Calls</th>
            </tr>
          </thead>
          <tbody>
            {[...hours].reverse().map((one) => (
              <tr key={one.hour}>
                <th scope="row">{format.moment(one.hour)}</th>
                <td>{format.number(one.calls)}</td>
              </tr>
            ))}
          </tbody>
        </Grid>
      </Fold>
    </>
  );
}
