import { Badge, H2, Panel, Text } from "@bigcommerce/big-design";

import type { Connection, Overview } from "../api/types";
import { Failure, Skeleton, Status } from "../components/Feedback";
import { HookAddress } from "../components/HookAddress";
import { Limits } from "../components/Limits";
import { Row } from "../components/layout";
import { GoTo, Navigation } from "../components/Navigation";
import { Owners } from "../components/Owners";
import { Panels } from "../components/Panels";
import { Storefronts } from "../components/Storefronts";
import { Switches } from "../components/Switches";
import { useLoaded } from "../components/useLoaded";
import { WhoWins } from "../components/WhoWins";
import { useApp } from "../context";
import { CONNECTION_STATES } from "../words";

const SECTIONS = [
  { name: "sync", title: "What is synced" },
  { name: "rules", title: "Who wins" },
  { name: "owners", title: "Owners" },
  { name: "storefronts", title: "Storefronts" },
  { name: "limits", title: "Limits" },
  { name: "panel", title: "Panel" },
];

interface Props {
  id: number;
  section: string;
  overview: Overview;
  update: (connection: Connection) => void;
}

/** The settings of one connected account, a screen each. */
export function Account({ id, section, overview, update }: Props) {
  const connection = overview.connections.find((one) => one.id === id);
  if (!connection) {
    return (
      <Panel>
        <Status heading="Nothing is connected here" message="It may have been disconnected meanwhile." variant="search" />
        <GoTo path="/connections">All connections</GoTo>
      </Panel>
    );
  }
  const here = SECTIONS.find((one) => one.name === section) ?? SECTIONS[0];
  return (
    <>
      <Row>
        <GoTo path="/connections">All connections</GoTo>
      </Row>
      <Row>
        <H2 marginBottom="none">
          {connection.label} {connection.account_name && `· ${connection.account_name}`}
        </H2>
        <Badge {...CONNECTION_STATES[connection.state]} />
      </Row>
      <Navigation
        destinations={SECTIONS.map((one) => ({
          path: `/connections/${id}/${one.name}`,
          title: one.title,
          current: one === here,
        }))}
        known
        name={`Settings of ${connection.label}`}
        wraps
      />
      <Section connection={connection} key={`${id} ${here?.name}`} name={here?.name ?? ""} update={update} />
    </>
  );
}

interface SectionProps {
  connection: Connection;
  name: string;
  update: (connection: Connection) => void;
}

function Section({ connection, name, update }: SectionProps) {
  if (name === "sync") {
    return (
      <>
        <Panel header="What is synced">
          <Text>Each switch is saved at once and holds from the next record on. What is off is neither sent nor carried back.</Text>
          <Switches connection={connection} onChange={update} />
        </Panel>
        <WithTerms connection={connection} name="hooks" />
      </>
    );
  }
  if (name === "limits") return <Limits connection={connection} />;
  return name === "panel" ? <Panels connection={connection} /> : <WithTerms connection={connection} name={name} />;
}

function WithTerms({ connection, name }: { connection: Connection; name: string }) {
  const { api } = useApp();
  const loaded = useLoaded(`terms ${connection.id}`, (signal) => api.terms(connection.id, signal));
  const terms = loaded.data;
  if (!terms) {
    return (
      <Panel>
        {loaded.error ? <Failure error={loaded.error} retry={loaded.retry} /> : <Skeleton height="2.5rem" rows={6} />}
      </Panel>
    );
  }
  const props = { connection, terms, onSaved: loaded.put };
  if (name === "rules") return <WhoWins {...props} />;
  if (name === "owners") return <Owners {...props} />;
  if (name === "storefronts") return <Storefronts {...props} />;
  return terms.hook_address ? <HookAddress address={terms.hook_address} label={connection.label} /> : null;
}
