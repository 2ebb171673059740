import styled from "styled-components";

import type { Try } from "../api/types";
import { useApp } from "../context";

const List = styled.ol`
  list-style: none;
  margin: 0;
  padding: 0;
`;

const Item = styled.li`
  border-top: 1px solid ${({ theme }) => theme.colors.secondary30};
  overflow-wrap: anywhere;
  padding: ${({ theme }) => theme.spacing.small} 0;

  summary {
    cursor: pointer;
    padding: ${({ theme }) => theme.spacing.xxSmall} 0;
  }
`;

const Code = styled.pre`
  background: ${({ theme }) => theme.colors.secondary10};
  font-size: 0.8125rem;
  margin: 0 0 ${({ theme }) => theme.spacing.xSmall};
  max-height: 24rem;
  overflow: auto;
  padding: ${({ theme }) => theme.spacing.small};
`;

/** What was sent and what came back, try by try, the newest first; a replay counts on. */
export function Attempts({ tries }: { tries: Try[] }) {
  const { format } = useApp();
  return (
    <List>
      {[...tries].reverse().map((one, newer) => (
        <Item key={`${one.number} ${one.started_at}`}>
          <div>
            <strong>Attempt {tries.length - newer}</strong> · {format.exact(one.started_at)} · {format.number(one.ms)} ms ·{" "}
            {one.error_code ? `${one.error_code}: ${one.error_message}` : one.result}
          </div>
          <Payload name="Sent" payload={one.sent} />
          <Payload name="Received" payload={one.received} />
        </Item>
      ))}
    </List>
  );
}

function Payload({ name, payload }: { name: string; payload: unknown }) {
  if (payload === null || payload === undefined) return null;
  return (
    <details>
      <summary>{name}</summary>
      <Code aria-label={name} role="region" tabIndex={0}>
        {JSON.stringify(payload, null, 2)}
      </Code>
    </details>
  );
}
