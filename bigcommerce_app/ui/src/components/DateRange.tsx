import styled from "styled-components";

import { Field } from "./Field";

const Cells = styled.div`
  display: grid;
  gap: ${({ theme }) => theme.spacing.small};
  grid-template-columns: repeat(auto-fill, minmax(min(11rem, 100%), 14rem));
`;

export interface Range {
  since: string;
  until: string;
}

interface Props {
  range: Range;
  onChange: (range: Range) => void;
  latest: string;
  error?: string;
}

/** Two days, both included; either may be empty. */
export function DateRange({ range, onChange, latest, error }: Props) {
  return (
    <Cells>
      <Field
        label="From"
        max={range.until || latest}
        onChange={(event) => onChange({ ...range, since: event.target.value })}
        type="date"
        value={range.since}
      />
      <Field
        error={error}
        label="To"
        max={latest}
        onChange={(event) => onChange({ ...range, until: event.target.value })}
        type="date"
        value={range.until}
      />
    </Cells>
  );
}

/** What is wrong with a range of days, if anything. */
export function wrongRange({ since, until }: Range): string | undefined {
  return since && until && until < since ? "The last day lies before the first." : undefined;
}
