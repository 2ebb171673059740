import { Button, InlineMessage, Text } from "@bigcommerce/big-design";
import { useState } from "react";
import styled from "styled-components";

import type { Connection } from "../api/types";
import { useApp } from "../context";
import { useNow } from "../live";
import { Connect } from "./Connect";
import { Problem } from "./Feedback";
import { Fold } from "./Fold";
import { Row } from "./layout";
import { Time } from "./Time";
import { useAction } from "./useAction";
import { WithCode } from "./WithCode";

const SHOWN = 2; // lines of advice that are not folded away

const Names = styled.ul`
  margin: 0 0 ${({ theme }) => theme.spacing.small};
  overflow-wrap: anywhere;
  padding-left: 1.25rem;
`;

/** Whether nothing stands between this connection and going live. */
export function isReady(connection: Connection): boolean {
  return (
    connection.checked_at !== null &&
    connection.missing.length === 0 &&
    !(connection.state === "setup" && connection.problem)
  );
}

/** What the account lacks (nothing goes without it) or could have besides, and a way to look again. */
export function Readiness({ connection, refresh }: { connection: Connection; refresh: () => void }) {
  const { api } = useApp();
  const action = useAction();
  const now = useNow();
  const [asked, setAsked] = useState<string | null>();
  const checking = connection.checked_at === null || asked === connection.checked_at;
  if (isReady(connection) && !connection.problem && !connection.advice.length) return null;

  const check = () =>
    void action.run("check", async () => {
      await api.check(connection.id);
      setAsked(connection.checked_at);
      refresh();
    });

  return (
    <div>
      {connection.problem && <InlineMessage marginBottom="small" messages={[{ text: connection.problem }]} type="error" />}
      {connection.missing.length > 0 && (
        <>
          <InlineMessage
            marginBottom="small"
            messages={[{ text: `Your ${connection.label} administrator has to add or allow:` }]}
            type="warning"
          />
          <Lines lines={connection.missing} />
        </>
      )}
      {connection.advice.length > 0 && (
        <>
          <InlineMessage
            marginBottom="small"
            messages={[{ text: "The sync works without this, but more is possible or better with it:" }]}
            type="info"
          />
          <Advice lines={connection.advice} />
        </>
      )}
      {action.problem && <Problem onClose={action.clear} text={action.problem} />}
      <div aria-live="polite">
        <Text color="secondary60" marginBottom="small">
          {checking ? `Looking through ${connection.label} for what Storeline needs…` : "Last looked "}
          {!checking && connection.checked_at && <Time at={connection.checked_at} now={now} />}
        </Text>
      </div>
      <Row>
        <Button isLoading={action.busy === "check"} marginBottom="none" onClick={check} variant="secondary">
          Check again
        </Button>
      </Row>
      {connection.problem && connection.state === "setup" && (
        <Connect
          environment={connection.environment}
          form={connection.form}
          label={connection.label}
          onConnected={refresh}
          text="Connect again"
          vendor={connection.vendor}
        />
      )}
    </div>
  );
}

/** All that could be better; some accounts have pages of it. */
function Advice({ lines }: { lines: string[] }) {
  if (lines.length <= SHOWN) return <Lines lines={lines} />;
  return (
    <Fold name={`${lines.length} ways to get more out of it`} note="">
      <Lines lines={lines} />
    </Fold>
  );
}

function Lines({ lines }: { lines: string[] }) {
  return (
    <Names>
      {lines.map((line) => (
        <li key={line}>
          <WithCode text={line} />
        </li>
      ))}
    </Names>
  );
}
