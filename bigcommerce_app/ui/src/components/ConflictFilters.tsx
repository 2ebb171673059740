import styled from "styled-components";

import type { ConflictFilter, ConflictState } from "../api/terms";
import type { Connection } from "../api/types";
import { CONFLICT_STATES } from "../words";
import { Choice } from "./Field";
import { SearchText } from "./SearchText";

const Cells = styled.form`
  align-items: start;
  display: grid;
  gap: ${({ theme }) => theme.spacing.small};
  grid-template-columns: repeat(auto-fit, minmax(min(12rem, 100%), 1fr));
  margin-bottom: ${({ theme }) => theme.spacing.medium};
`;

const STATES = [
  ...Object.entries(CONFLICT_STATES).map(([value, { label }]) => ({ value, content: label })),
  { value: "", content: "All states" },
];

interface Props {
  filter: ConflictFilter;
  connections: Connection[];
  onChange: (change: Partial<ConflictFilter>) => void;
}

/** Which conflicts to show: by state, account and text. */
export function ConflictFilters({ filter, connections, onChange }: Props) {
  return (
    <Cells onSubmit={(event) => event.preventDefault()} role="search">
      <Choice
        label="State"
        onChange={(state) => onChange({ state: (state || undefined) as ConflictState | undefined })}
        options={STATES}
        value={filter.state ?? ""}
      />
      {connections.length > 1 && (
        <Choice
          label="Account"
          onChange={(id) => onChange({ connection_id: id || undefined })}
          options={[
            { value: 0, content: "All accounts" },
            ...connections.map((one) => ({ value: one.id, content: `${one.label} ${one.account_name}` })),
          ]}
          value={filter.connection_id ?? 0}
        />
      )}
      <SearchText onChange={(q) => onChange({ q })} placeholder="Name, value, record number" text={filter.q ?? ""} />
    </Cells>
  );
}
