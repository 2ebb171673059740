import { Box, Button, InlineMessage, Panel, Text } from "@bigcommerce/big-design";
import { useState } from "react";

import type { Connection } from "../api/types";
import { useApp } from "../context";
import { plural } from "../format";
import { CONNECTION_STATES, directionOf } from "../words";
import { Connect } from "./Connect";
import { Dialog } from "./Dialog";
import { Buttons, External, Problem } from "./Feedback";
import { GoTo } from "./Navigation";
import { Figures } from "./Figures";
import { Outage } from "./Outage";
import { Hidden, Row } from "./layout";
import { isReady, Readiness } from "./Readiness";
import { Time } from "./Time";
import { type Action, useAction } from "./useAction";

interface Props {
  connection: Connection;
  now: number;
  refresh: () => void;
}

/** One connected account: how it is, what it gets, and what can be done with it. */
export function ConnectionCard({ connection, now, refresh }: Props) {
  const action = useAction();
  const environment = connection.environment === "production" ? "" : ` (${connection.environment})`;
  return (
    <Panel badge={CONNECTION_STATES[connection.state]} header={`${connection.label}${environment}`}>
      <Text color="secondary60">
        {connection.account_name || "Account"} {connection.account_id && `· ${connection.account_id} `}· connected{" "}
        <Time at={connection.connected_at} now={now} />
        {connection.instance_url && (
          <>
            {" · "}
            <External href={connection.instance_url}>Open {connection.label}</External>
          </>
        )}
      </Text>
      <StateWords connection={connection} />
      <Outage connection={connection} now={now} />
      <Figures connection={connection} now={now} />
      <Box marginVertical="medium">
        {connection.state === "reauthorize" ? (
          <Reconnect connection={connection} refresh={refresh} />
        ) : (
          <Readiness connection={connection} refresh={refresh} />
        )}
      </Box>
      <Carried connection={connection} />
      {action.problem && <Problem onClose={action.clear} text={action.problem} />}
      <Actions action={action} connection={connection} refresh={refresh} />
    </Panel>
  );
}

/** What a state means where its name does not say it. */
function StateWords({ connection }: { connection: Connection }) {
  const words: Partial<Record<Connection["state"], string>> = {
    paused: `Nothing is sent to ${connection.label} or carried back while this is paused. What changes goes on being collected, and is sent when you press Resume.`,
    setup: `Nothing is sent to ${connection.label} before you press Go live. What changes in the store is being collected until then.`,
  };
  const text = words[connection.state];
  return text ? <InlineMessage marginBottom="medium" messages={[{ text }]} type="info" /> : null;
}

function Reconnect({ connection, refresh }: Omit<Props, "now">) {
  return (
    <>
      <Problem
        text={`${connection.label} no longer accepts Storeline’s access. What changes in the store is being collected and is sent when you have reconnected.${connection.problem ? ` (“${connection.problem}”)` : ""}`}
      />
      <Connect
        environment={connection.environment}
        form={connection.form}
        label={connection.label}
        onConnected={refresh}
        text="Reconnect"
        vendor={connection.vendor}
      />
    </>
  );
}

/** What is switched on, in a line a direction, and the way to all settings. */
function Carried({ connection }: { connection: Connection }) {
  const directions = [...new Set(connection.options.map((option) => option.direction))];
  const on = (direction: string) =>
    connection.options.filter((option) => option.enabled && option.direction === direction).map((option) => option.label);
  const open = connection.open_conflicts;
  return (
    <>
      {directions.map((direction) => (
        <Text key={direction} marginBottom="xSmall">
          <strong>{directionOf(direction, connection.label)}:</strong> {on(direction).join(", ") || "nothing"}
        </Text>
      ))}
      <Row>
        <GoTo path={`/connections/${connection.id}`}>
          Settings<Hidden> of {connection.label}</Hidden>
        </GoTo>
        {open > 0 && (
          <GoTo path="/conflicts">
            {`${open} open ${plural(open, "conflict", "conflicts")}`}
            <Hidden> with {connection.label}</Hidden>
          </GoTo>
        )}
      </Row>
    </>
  );
}

function Actions({ connection, action, refresh }: { connection: Connection; action: Action; refresh: () => void }) {
  const { api } = useApp();
  const turn = (state: "live" | "paused") =>
    void action.run(state, () => api.change(connection.id, { state })).then(refresh);
  const { state } = connection;
  return (
    <Buttons>
      {state === "setup" && (
        <Button disabled={!isReady(connection)} isLoading={action.busy === "live"} onClick={() => turn("live")}>
          Go live
        </Button>
      )}
      {state === "paused" && (
        <Button isLoading={action.busy === "live"} onClick={() => turn("live")}>
          Resume
        </Button>
      )}
      {state === "live" && (
        <Button isLoading={action.busy === "paused"} onClick={() => turn("paused")} variant="secondary">
          Pause
        </Button>
      )}
      <Disconnect action={action} connection={connection} refresh={refresh} />
    </Buttons>
  );
}

function Disconnect({ connection, action, refresh }: { connection: Connection; action: Action; refresh: () => void }) {
  const { api } = useApp();
  const [asking, setAsking] = useState(false);
  const disconnect = () => {
    setAsking(false);
    void action.run("disconnect", () => api.disconnect(connection.id)).then(refresh);
  };
  return (
    <>
      <Button
        actionType="destructive"
        isLoading={action.busy === "disconnect"}
        onClick={() => setAsking(true)}
        variant="subtle"
      >
        Disconnect
      </Button>
      <Dialog
        actions={[
          { text: "Cancel", variant: "subtle", onClick: () => setAsking(false) },
          { text: "Disconnect", actionType: "destructive", onClick: disconnect },
        ]}
        header={`Disconnect ${connection.label}?`}
        isOpen={asking}
        onClose={() => setAsking(false)}
        variant="dialog"
      >
        <Text>
          Storeline’s access to {connection.account_name || connection.label} ends at once. What still waits is
          kept, and sent when you connect again; what changes until then is looked for at that time. What is in{" "}
          {connection.label} already stays there, and connecting the same account again doubles nothing. Panels that need a package or a
          code end with it: after connecting again the package is installed anew, and everybody gets a new code.
        </Text>
      </Dialog>
    </>
  );
}
