import { Button, Panel, Text } from "@bigcommerce/big-design";
import { useState } from "react";

import type { Connection, Overview } from "../api/types";
import { Connect } from "../components/Connect";
import { Buttons, Problem } from "../components/Feedback";
import { Former } from "../components/Former";
import { GoTo } from "../components/Navigation";
import { isReady, Readiness } from "../components/Readiness";
import { Steps } from "../components/Steps";
import { Switches } from "../components/Switches";
import { useAction } from "../components/useAction";
import { useApp } from "../context";

const STEPS = ["Connect", "Choose what to sync", "Go live"];

interface Props {
  overview: Overview;
  refresh: () => void;
  update: (connection: Connection) => void;
}

/** From nothing to the first order in the CRM: three steps, each of which can be left and taken up again. */
export function Onboarding({ overview, refresh, update }: Props) {
  const connection = overview.connections.find((one) => one.state === "setup") ?? overview.connections[0];
  const [chosen, setChosen] = useState(false);
  const live = connection?.state === "live";
  const ready = connection !== undefined && isReady(connection);
  const step = live ? 2 : ready ? (chosen ? 2 : 1) : 0;

  return (
    <>
      <Steps current={step} label="Setting up Storeline" steps={STEPS} />
      {step === 0 && <ConnectStep connection={connection} overview={overview} refresh={refresh} />}
      {step === 1 && connection && (
        <Panel header="2. Choose what to sync">
          <Text>You can change this at any time. What is off is not sent.</Text>
          <Switches connection={connection} onChange={update} />
          <Buttons>
            <Button onClick={() => setChosen(true)}>Continue</Button>
          </Buttons>
        </Panel>
      )}
      {step === 2 && connection && !live && (
        <GoLiveStep connection={connection} onBack={() => setChosen(false)} refresh={refresh} />
      )}
      {live && <Done />}
    </>
  );
}

function ConnectStep({ overview, connection, refresh }: Omit<Props, "update"> & { connection: Connection | undefined }) {
  if (connection) {
    return (
      <Panel header={`1. ${connection.label} is connected`}>
        <Text>
          Account: <strong>{connection.account_name || connection.account_id || connection.label}</strong>
        </Text>
        {connection.state === "reauthorize" ? (
          <Connect
            environment={connection.environment}
            form={connection.form}
            label={connection.label}
            onConnected={refresh}
            text={`Reconnect ${connection.label}`}
            vendor={connection.vendor}
          />
        ) : (
          <Readiness connection={connection} refresh={refresh} />
        )}
      </Panel>
    );
  }
  return overview.available.map((vendor) => (
    <Panel header={`1. Connect ${vendor.label}`} key={vendor.vendor}>
      <Text>
        Storeline brings your store’s orders, customers and products to {vendor.label}. You need a {vendor.label} user who
        may create fields and edit accounts, contacts, products and orders.
      </Text>
      <Former vendor={vendor} />
      <Connect
        form={vendor.form}
        label={vendor.label}
        onConnected={refresh}
        text={`Connect ${vendor.label}`}
        vendor={vendor.vendor}
      />
    </Panel>
  ));
}

function GoLiveStep({ connection, onBack, refresh }: { connection: Connection; onBack: () => void; refresh: () => void }) {
  const { api, go } = useApp();
  const action = useAction();
  const wanted = connection.options.filter((option) => option.enabled).map((option) => option.label);
  const goLive = () =>
    void action.run("live", async () => {
      await api.change(connection.id, { state: "live" });
      go("/setup"); // stay on this screen; the start is another one from now on
      refresh();
    });
  return (
    <Panel header="3. Go live">
      <Text>
        From now on Storeline brings every change to <strong>{connection.account_name || connection.label}</strong>:{" "}
        {wanted.length ? wanted.join(", ") : "nothing is switched on yet"}.
        {connection.counts.waiting > 0 && ` ${connection.counts.waiting} changes have gathered and are sent at once.`}
      </Text>
      {action.problem && <Problem onClose={action.clear} text={action.problem} />}
      <Buttons>
        <Button isLoading={action.busy === "live"} onClick={goLive}>
          Go live
        </Button>
        <Button onClick={onBack} variant="subtle">
          Back
        </Button>
      </Buttons>
    </Panel>
  );
}

function Done() {
  return (
    <Panel header="Storeline is live">
      <div role="status">
        <Text>
          Place an order in your store and watch it arrive under <GoTo path="/deliveries">Activity</GoTo>. Everything about
          your accounts is under <GoTo path="/connections">Connections</GoTo>.
        </Text>
      </div>
    </Panel>
  );
}
