import { Form, Select } from "@bigcommerce/big-design";
import styled from "styled-components";

import type { Connection, DeliveryState, Filter } from "../api/types";
import { DELIVERY_STATES, KIND_FILTERS } from "../words";
import { SearchText } from "./SearchText";

const Cells = styled.div`
  display: grid;
  gap: ${({ theme }) => theme.spacing.small};
  grid-template-columns: repeat(auto-fit, minmax(min(12rem, 100%), 1fr));
  margin-bottom: ${({ theme }) => theme.spacing.medium};
`;

const STATES = [
  { value: "", content: "All states" },
  ...Object.entries(DELIVERY_STATES).map(([value, { label }]) => ({ value, content: label })),
];

interface Props {
  filter: Filter;
  connections: Connection[];
  onChange: (change: Partial<Filter>) => void;
}

/** What to show: by state, kind, account and text. */
export function Filters({ filter, connections, onChange }: Props) {
  return (
    <Form fullWidth onSubmit={(event) => event.preventDefault()} role="search">
      <Cells>
        <div>
          <Select
            label="State"
            onOptionChange={(state) => onChange({ state: (state || undefined) as DeliveryState | undefined })}
            options={STATES}
            value={filter.state ?? ""}
          />
        </div>
        <div>
          <Select
            label="Kind"
            onOptionChange={(kind) => onChange({ kind: kind || undefined })}
            options={[{ value: "", content: "All kinds" }, ...KIND_FILTERS]}
            value={filter.kind ?? ""}
          />
        </div>
        {connections.length > 1 && (
          <div>
            <Select
              label="Account"
              onOptionChange={(id) => onChange({ connection_id: id || undefined })}
              options={[
                { value: 0, content: "All accounts" },
                ...connections.map((one) => ({ value: one.id, content: `${one.label} ${one.account_name}` })),
              ]}
              value={filter.connection_id ?? 0}
            />
          </div>
        )}
        <div>
          <SearchText onChange={(q) => onChange({ q })} placeholder="Order number, name, error" text={filter.q ?? ""} />
        </div>
      </Cells>
    </Form>
  );
}
