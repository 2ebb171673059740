import { Box, H1, Text } from "@bigcommerce/big-design";
import { useEffect, useMemo, useState } from "react";
import styled from "styled-components";

import { calls } from "./api/calls";
import { Client } from "./api/client";
import type { Connection, Overview } from "./api/types";
import { Failure, Outdated, Skeleton, Status } from "./components/Feedback";
import { Row } from "./components/layout";
import { type Destination, Navigation } from "./components/Navigation";
import { StoreEnd } from "./components/StoreEnd";
import type { Config } from "./config";
import { AppContext, OverviewContext } from "./context";
import { joinControlPanel } from "./controlPanel";
import { Formatter } from "./format";
import { type Live, useLive } from "./live";
import { Account } from "./pages/Account";
import { Activity } from "./pages/Activity";
import { Conflicts } from "./pages/Conflicts";
import { Connections } from "./pages/Connections";
import { Help } from "./pages/Help";
import { History } from "./pages/History";
import { Money } from "./pages/Money";
import { Onboarding } from "./pages/Onboarding";
import { Privacy } from "./pages/Privacy";
import { Problems } from "./pages/Problems";
import { type Route, useRoute } from "./route";

const EVERY = 4_000; // ms

const Frame = styled.div`
  margin: 0 auto;
  max-width: 80rem;
  overflow-wrap: anywhere;
  padding: ${({ theme }) => theme.spacing.medium};

  @media (min-width: 720px) {
    padding: ${({ theme }) => theme.spacing.xLarge};
  }
`;

/** The settings UI: a session, the screens, the way between them. */
export function App({ config }: { config: Config }) {
  const [over, setOver] = useState(false);
  const client = useMemo(
    () => new Client({ base: config.apiBase, token: config.token, onSessionOver: () => setOver(true) }),
    [config],
  );
  useEffect(() => client.keepAlive(), [client]);
  useEffect(() => joinControlPanel(() => client.end()), [client]);
  return <Frame as="main">{over ? <Over /> : <Screens client={client} config={config} />}</Frame>;
}

function Screens({ client, config }: { client: Client; config: Config }) {
  const [route, go] = useRoute(config.deepLink);
  const app = useMemo(
    () => ({
      api: calls(client),
      config,
      format: new Formatter(config.user.locale, config.store.timezone),
      go,
    }),
    [client, config, go],
  );
  const live = useLive("connections", app.api.overview, EVERY);
  return (
    <AppContext.Provider value={app}>
      <Row $align="baseline">
        <H1 marginBottom="none">Storeline</H1>
        {config.store.name && (
          <Text color="secondary60" marginBottom="none">
            {config.store.name}
          </Text>
        )}
      </Row>
      <Navigation destinations={destinations(live.data, route)} known={Boolean(live.data ?? live.error)} />
      <OverviewContext.Provider value={live.data}>
        <Screen live={live} route={route} />
      </OverviewContext.Provider>
    </AppContext.Provider>
  );
}

function Screen({ live, route }: { live: Live<Overview>; route: Route }) {
  if (route.page === "help") return <Help />;
  if (route.page === "privacy") return <Privacy />;
  const known = { overview: live.data, refreshOverview: live.refresh };
  if (route.page === "activity") return <Activity {...known} deliveryId={route.deliveryId} query={route.query} />;
  if (route.page === "problems") return <Problems {...known} />;
  if (route.page === "conflicts") return <Conflicts {...known} />;
  const overview = live.data;
  if (!overview) {
    return live.error ? <Failure error={live.error} retry={live.refresh} /> : <Skeleton height="3rem" rows={6} />;
  }
  if (route.page === "money") return <Money connectionId={route.connectionId} overview={overview} />;
  if (route.page === "history") return <History connectionId={route.connectionId} overview={overview} />;
  const update = (connection: Connection) =>
    live.put((before) => ({
      ...before,
      connections: before.connections.map((one) => (one.id === connection.id ? connection : one)),
    }));
  const setup = route.page === "setup" || (route.page === "home" && !isSetUp(overview));
  return (
    <Box>
      {live.error && <Outdated error={live.error} />}
      <StoreEnd store={overview.store} />
      {route.page === "account" ? (
        <Account id={route.connectionId} overview={overview} section={route.section} update={update} />
      ) : setup ? (
        <Onboarding overview={overview} refresh={live.refresh} update={update} />
      ) : (
        <Connections overview={overview} refresh={live.refresh} />
      )}
    </Box>
  );
}

function Over() {
  return (
    <div role="alert">
      <H1 marginBottom="none">Storeline</H1>
      <Status
        heading="Your session is over"
        message="Nothing is lost, and the sync goes on. To see it again, open Storeline again from Apps in your control panel."
        variant="unauthorized"
      />
    </div>
  );
}

function isSetUp(overview: Overview): boolean {
  return overview.connections.some((one) => one.state !== "setup");
}

function destinations(overview: Overview | undefined, route: Route): Destination[] {
  const home = overview && !isSetUp(overview) ? "setup" : "connections";
  const here = route.page === "home" ? (overview ? home : "") : route.page;
  const dead = overview?.connections.reduce((sum, one) => sum + one.counts.dead, 0) ?? 0;
  const open = overview?.connections.reduce((sum, one) => sum + one.open_conflicts, 0) ?? 0;
  const setup = { path: "/setup", title: "Set up", current: here === "setup" };
  return [
    ...(home === "setup" || here === "setup" ? [setup] : []),
    { path: "/connections", title: "Connections", current: here === "connections" || here === "account" },
    { path: "/deliveries", title: "Activity", current: here === "activity" },
    { path: "/problems", title: "Problems", current: here === "problems", count: dead, counted: "failed" },
    { path: "/conflicts", title: "Conflicts", current: here === "conflicts", count: open, counted: "open" },
    { path: "/money", title: "Money", current: here === "money" },
    { path: "/history", title: "History", current: here === "history" },
    { path: "/privacy", title: "Privacy", current: here === "privacy" },
    { path: "/help", title: "Help", current: here === "help" },
  ];
}
