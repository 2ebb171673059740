import { Button, Form, Panel, Text } from "@bigcommerce/big-design";
import { useCallback, useState } from "react";
import styled from "styled-components";

import type { Cause, CauseFilter, CausePage, ReplayFilter } from "../api/problems";
import type { Connection, Overview } from "../api/types";
import { CauseCard } from "../components/CauseCard";
import { Announcement, Failure, Outdated, Problem, Skeleton, Status } from "../components/Feedback";
import { Choice } from "../components/Field";
import { Row } from "../components/layout";
import { Pages } from "../components/Pages";
import { SearchText } from "../components/SearchText";
import { useAction } from "../components/useAction";
import { useKeptFocus } from "../components/useKeptFocus";
import { useApp } from "../context";
import { plural } from "../format";
import { type Live, useLive, useNow } from "../live";

const EVERY = 8_000; // ms

const Cells = styled.div`
  align-items: start;
  display: grid;
  gap: ${({ theme }) => theme.spacing.small};
  grid-template-columns: repeat(auto-fit, minmax(min(12rem, 100%), 24rem));
  margin-bottom: ${({ theme }) => theme.spacing.medium};
`;

const Causes = styled.ul`
  list-style: none;
  margin: 0;
  padding: 0;
`;

interface Props {
  overview: Overview | undefined;
  refreshOverview: () => void;
}

/** What did not arrive, by cause: what it holds up, what to do, who can, and trying again. */
export function Problems({ overview, refreshOverview }: Props) {
  const { api } = useApp();
  const [filter, setFilter] = useState<CauseFilter>({ page: 1 });
  const live = useLive(`problems ${JSON.stringify(filter)}`, (signal) => api.problems(filter, signal), EVERY);
  const action = useAction();
  const [said, setSaid] = useState("");
  const { place, keep } = useKeptFocus<HTMLDivElement>();
  const change = useCallback((part: Partial<CauseFilter>) => setFilter((before) => ({ ...before, page: 1, ...part })), []);
  const replay = async (name: string, wanted: ReplayFilter) => {
    await action.run(name, async () => {
      const { replayed } = await api.replayAll(wanted);
      setSaid(`${replayed} ${plural(replayed, "record is", "records are")} tried again. Nothing is written twice.`);
    });
    live.refresh();
    refreshOverview();
    keep();
  };
  const connections = overview?.connections ?? [];
  return (
    <Panel header="Problems">
      <Text>
        What has not arrived, put together by cause. Mend the cause, or correct a single record, and replay: everything goes as
        the store has it now, and nothing is written twice.
      </Text>
      <Filters connections={connections} filter={filter} onChange={change} />
      <div aria-live="assertive">{action.problem && <Problem onClose={action.clear} text={action.problem} />}</div>
      <Row ref={place} tabIndex={-1}>
        <ReplayAll busy={action.busy} connections={connections} filter={filter} onReplay={(wanted) => void replay("all", wanted)} />
        <Announcement>{said}</Announcement>
      </Row>
      <Results
        busy={action.busy}
        filter={filter}
        live={live}
        onChange={change}
        onReplay={(cause) => void replay(keyOf(cause), filterOf(cause))}
        several={connections.length > 1}
      />
    </Panel>
  );
}

interface FilterProps {
  connections: Connection[];
  filter: CauseFilter;
  onChange: (change: Partial<CauseFilter>) => void;
}

function Filters({ connections, filter, onChange }: FilterProps) {
  return (
    <Form fullWidth onSubmit={(event) => event.preventDefault()} role="search">
      <Cells>
        {connections.length > 1 && (
          <Choice
            label="Account"
            onChange={(id) => onChange({ connection_id: id || undefined })}
            options={[
              { value: 0, content: "All accounts" },
              ...connections.map((one) => ({ value: one.id, content: `${one.label} ${one.account_name}`.trim() })),
            ]}
            value={filter.connection_id ?? 0}
          />
        )}
        <SearchText onChange={(q) => onChange({ q })} placeholder="Error, name, number" text={filter.q ?? ""} />
      </Cells>
    </Form>
  );
}

interface ReplayAllProps {
  busy: string;
  connections: Connection[];
  filter: CauseFilter;
  onReplay: (wanted: ReplayFilter) => void;
}

function ReplayAll({ busy, connections, filter, onReplay }: ReplayAllProps) {
  const dead = connections
    .filter((one) => !filter.connection_id || one.id === filter.connection_id)
    .reduce((sum, one) => sum + one.counts.dead, 0);
  return (
    <Button
      disabled={dead === 0 || Boolean(filter.q)} // what is replayed must be what is listed
      isLoading={busy === "all"}
      marginBottom="none"
      mobileWidth="auto"
      onClick={() => onReplay({ connection_id: filter.connection_id })}
      variant="secondary"
    >
      Replay all failed
    </Button>
  );
}

interface ResultsProps {
  live: Live<CausePage>;
  filter: CauseFilter;
  busy: string;
  several: boolean;
  onChange: (change: Partial<CauseFilter>) => void;
  onReplay: (cause: Cause) => void;
}

function Results({ live, filter, busy, several, onChange, onReplay }: ResultsProps) {
  const now = useNow();
  const page = live.data;
  if (!page) return live.error ? <Failure error={live.error} retry={live.refresh} /> : <Skeleton height="8rem" rows={3} />;
  return (
    <div aria-busy={live.stale}>
      {live.error && <Outdated error={live.error} />}
      {page.total === 0 ? (
        <Empty isFiltered={Boolean(filter.q || filter.connection_id)} />
      ) : (
        <>
          <Causes aria-label="Causes">
            {page.items.map((cause) => (
              <CauseCard
                busy={busy === keyOf(cause)}
                cause={cause}
                key={keyOf(cause)}
                now={now}
                onReplay={() => onReplay(cause)}
                several={several}
              />
            ))}
          </Causes>
          {page.pages > 1 && (
            <Pages
              onPage={(number) => onChange({ page: number })}
              page={page.page}
              pages={page.pages}
              shown={page.items.length}
              things="causes"
              total={page.total}
              turns={["Previous", "Next"]}
            />
          )}
        </>
      )}
    </div>
  );
}

function Empty({ isFiltered }: { isFiltered: boolean }) {
  return isFiltered ? (
    <Status heading="Nothing matches" message="Change the filters to see more." variant="search" />
  ) : (
    <Status
      heading="No problems"
      message="Everything that had to go has gone, or goes by itself. What needs a person will show here."
      variant="success"
    />
  );
}

function keyOf({ connection_id: connection, kind, error }: Cause): string {
  return [connection, kind, error.code, error.field].join(" ");
}

function filterOf({ connection_id, kind, error }: Cause): ReplayFilter {
  return { connection_id, kind, error_code: error.code, error_field: error.field };
}
