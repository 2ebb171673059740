import { Box, Button, Panel, Text } from "@bigcommerce/big-design";
import { useState } from "react";

import type { Connection } from "../api/types";
import { useApp } from "../context";
import { CONNECTION_STATES } from "../words";
import { Connect } from "./Connect";
import { Dialog } from "./Dialog";
import { Buttons, External, Problem } from "./Feedback";
import { Figures } from "./Figures";
import { isReady, Readiness } from "./Readiness";
import { Switches } from "./Switches";
import { Time } from "./Time";
import { type Action, useAction } from "./useAction";

interface Props {
  connection: Connection;
  now: number;
  refresh: () => void;
  update: (connection: Connection) => void;
}

/** One connected account: how it is, what it gets, and what can be done with it. */
export function ConnectionCard({ connection, now, refresh, update }: Props) {
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
      <Figures connection={connection} now={now} />
      {connection.state === "reauthorize" ? (
        <Box marginVertical="medium">
          <Problem
            text={`${connection.label} no longer accepts Storeline’s access. What changes in the store is being collected and is sent when you have reconnected. ${connection.problem}`}
          />
          <Connect
            environment={connection.environment}
            label={connection.label}
            text="Reconnect"
            vendor={connection.vendor}
          />
        </Box>
      ) : (
        <Box marginVertical="medium">
          <Readiness connection={connection} refresh={refresh} />
        </Box>
      )}
      <Switches connection={connection} onChange={update} />
      {action.problem && <Problem onClose={action.clear} text={action.problem} />}
      <Actions action={action} connection={connection} refresh={refresh} />
    </Panel>
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
          kept, and sent when you connect again; what changes until then is not collected. What is in {connection.label}{" "}
          already stays there.
        </Text>
      </Dialog>
    </>
  );
}
