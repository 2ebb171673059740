import styled from "styled-components";

import type { Connection } from "../api/types";
import { Choice } from "./Field";

const Narrow = styled.div`
  margin-bottom: ${({ theme }) => theme.spacing.medium};
  max-width: 24rem;
`;

interface Props {
  connections: Connection[];
  id: number;
  onChange: (id: number) => void;
}

/** Which account a page is about; nothing to choose where there is one. */
export function ChooseAccount({ connections, id, onChange }: Props) {
  if (connections.length < 2) return null;
  return (
    <Narrow>
      <Choice
        label="Account"
        onChange={onChange}
        options={connections.map((one) => ({ value: one.id, content: `${one.label} ${one.account_name}`.trim() }))}
        value={id}
      />
    </Narrow>
  );
}
