import { Badge, Panel, Text } from "@bigcommerce/big-design";

import type { Overview } from "../api/types";
import { Connect } from "../components/Connect";
import { ConnectionCard } from "../components/ConnectionCard";
import { Problem, Status } from "../components/Feedback";
import { Time } from "../components/Time";
import { Former } from "../components/Former";
import { useNow } from "../live";

interface Props {
  overview: Overview;
  refresh: () => void;
}

/** All accounts of the store, what else can be connected, and how the store's webhooks are. */
export function Connections({ overview, refresh }: Props) {
  const now = useNow();
  return (
    <>
      {overview.connections.length === 0 && (
        <Panel>
          <Status
            heading="Nothing is connected yet"
            message="Connect your CRM below, and Storeline brings your orders and customers there."
            variant="info"
          />
        </Panel>
      )}
      {overview.connections.map((connection) => (
        <ConnectionCard connection={connection} key={connection.id} now={now} refresh={refresh} />
      ))}
      {overview.available.map((vendor) => (
        <Panel header={`Connect ${vendor.label}`} key={vendor.vendor}>
          <Former vendor={vendor} />
          <Connect
            form={vendor.form}
            label={vendor.label}
            onConnected={refresh}
            text={`Connect ${vendor.label}`}
            vendor={vendor.vendor}
          />
        </Panel>
      ))}
      <Hooks hooks={overview.store} now={now} />
    </>
  );
}

function Hooks({ hooks, now }: { hooks: Overview["store"]; now: number }) {
  const { hooks_checked_at: checked, hooks_problem: problem } = hooks;
  const badge = problem ? "danger" : checked ? "success" : "secondary";
  return (
    <Panel header="Notices from your store">
      <Text>
        <Badge label={problem ? "Problem" : checked ? "Healthy" : "Not checked yet"} variant={badge} /> BigCommerce tells
        Storeline about new and changed orders by webhooks.{" "}
        {checked && (
          <>
            Last checked <Time at={checked} now={now} />.
          </>
        )}
      </Text>
      {problem && <Problem text={`${problem} Storeline repairs this by itself; if it stays, open Storeline again from Apps.`} />}
    </Panel>
  );
}
