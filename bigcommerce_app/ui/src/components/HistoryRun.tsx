import { Badge, Button, InlineMessage, Text } from "@bigcommerce/big-design";

import type { History, HistoryForecast, HistoryStep } from "../api/history";
import type { Connection } from "../api/types";
import { useApp } from "../context";
import { choiceWords, HISTORY_STATES, kindLabel, leftWords } from "../historyWords";
import { Problem } from "./Feedback";
import { Hidden, Row } from "./layout";
import { type Column, Listing } from "./Listing";
import { GoTo } from "./Navigation";
import { Numbers } from "./Numbers";
import { Progress } from "./Progress";
import { useAction } from "./useAction";
import { useKeptFocus } from "./useKeptFocus";

interface Props {
  connection: Connection;
  history: History;
  onChanged: (history: History) => void;
}

/** One loading of history from its count to its end. */
export function HistoryRun({ connection, history, onChanged }: Props) {
  const { format } = useApp();
  return (
    <>
      <Row aria-live="polite">
        <Badge {...HISTORY_STATES[history.state]} />
        <span>{choiceWords(history, (iso) => format.day(iso))}</span>
      </Row>
      {history.state === "counting" && (
        <Text>Counting in your store. Nothing is written; you may leave this page meanwhile.</Text>
      )}
      {history.state === "ready" && isForecast(history.forecast) && <Forecast crm={connection.label} forecast={history.forecast} />}
      {(history.state === "running" || history.state === "paused") && <Running connection={connection} history={history} />}
      {history.problem && <InlineMessage marginBottom="small" messages={[{ text: history.problem }]} type="warning" />}
      <Steps connection={connection} history={history} onChanged={onChanged} />
    </>
  );
}

function Forecast({ forecast, crm }: { forecast: HistoryForecast; crm: string }) {
  const { format } = useApp();
  return (
    <>
      <Numbers
        items={[
          ...Object.entries(forecast.records).map(([kind, count]): [string, string] => [kindLabel(kind), format.number(count)]),
          [`Calls to ${crm}`, format.number(forecast.calls.crm)],
          ["Calls to your store", format.number(forecast.calls.store)],
          ["Takes about", format.duration(forecast.seconds)],
          ...(forecast.finishes_at ? [["Done by about", format.moment(forecast.finishes_at)] as [string, string]] : []),
        ]}
      />
      <InlineMessage
        marginBottom="small"
        messages={[{ text: forecast.words || (forecast.fits ? "Fits into today’s share." : "Takes more than today’s share.") }]}
        type={forecast.fits ? "success" : "warning"}
      />
    </>
  );
}

function Running({ history, connection }: { history: History; connection: Connection }) {
  const { format } = useApp();
  const { progress } = history;
  const left =
    history.state === "paused"
      ? "Paused"
      : progress.seconds_left === null
        ? "Still measuring"
        : leftWords(format.duration(progress.seconds_left), progress.seconds_left);
  return (
    <>
      <Progress name="All records" percent={progress.percent} />
      <Numbers
        items={[
          ["Brought", `${format.number(progress.done)} of ${format.number(progress.total)}`],
          ["Time left", left],
          ["Records a minute", format.number(Math.round(progress.per_minute))],
          ["Running for", format.duration(progress.seconds)],
          ["Failed", <Failed count={progress.failed} key="failed" />],
        ]}
      />
      <Kinds history={history} />
      {connection.state !== "live" && (
        <InlineMessage
          marginBottom="small"
          messages={[{ text: `${connection.label} is not live right now, so this waits with everything else.` }]}
          type="warning"
        />
      )}
    </>
  );
}

export function Failed({ count }: { count: number }) {
  const { format } = useApp();
  if (!count) return <>0</>;
  return (
    <GoTo path="/problems">
      {format.number(count)}
      <Hidden> failed: see why under Problems</Hidden>
    </GoTo>
  );
}

function Kinds({ history }: { history: History }) {
  const { format } = useApp();
  const rows = Object.entries(history.progress.kinds).map(([kind, one]) => ({ kind, ...one }));
  if (rows.length < 2) return null;
  const columns: Column<(typeof rows)[number]>[] = [
    { header: "Kind", isPlain: true, width: 130, render: (one) => kindLabel(one.kind) },
    {
      header: "Progress",
      isPlain: true,
      render: (one) => (
        <Progress name={kindLabel(one.kind)} percent={one.total ? (100 * (one.done + one.failed)) / one.total : 100} />
      ),
    },
    {
      header: "Brought",
      align: "right",
      width: 200,
      render: (one) => `${format.number(one.done)} of ${format.number(one.total)}`,
    },
    { header: "Failed", align: "right", width: 110, render: (one) => <Failed count={one.failed} /> },
  ];
  return <Listing columns={columns} items={rows} keyOf={(one) => one.kind} name="Kinds" />;
}

const STEPS: Partial<Record<History["state"], { step: HistoryStep; text: string }>> = {
  ready: { step: "start", text: "Start" },
  running: { step: "pause", text: "Pause" },
  paused: { step: "resume", text: "Resume" },
};

function Steps({ history, connection, onChanged }: Props) {
  const { api } = useApp();
  const action = useAction();
  const { place, keep } = useKeptFocus<HTMLDivElement>();
  const go = (step: HistoryStep) =>
    void action.run(step, async () => onChanged(await api.stepHistory(history.id, step))).then(keep);
  const next = STEPS[history.state];
  const started = history.state === "running" || history.state === "paused";
  return (
    <>
      <div aria-live="assertive">{action.problem && <Problem onClose={action.clear} text={action.problem} />}</div>
      <Row $above ref={place} tabIndex={-1}>
        {next && (
          <Button
            disabled={next.step === "start" && connection.state === "reauthorize"}
            isLoading={action.busy === next.step}
            marginBottom="none"
            mobileWidth="auto"
            onClick={() => go(next.step)}
            variant={next.step === "pause" ? "secondary" : "primary"}
          >
            {next.text}
          </Button>
        )}
        <Button
          isLoading={action.busy === "cancel"}
          marginBottom="none"
          mobileWidth="auto"
          onClick={() => go("cancel")}
          variant="subtle"
        >
          {started ? "Cancel the rest" : "Choose anew"}
        </Button>
        {started && (
          <Text as="span" color="secondary60" marginBottom="none">
            You may leave this page: it goes on by itself. What was brought stays there.
          </Text>
        )}
      </Row>
    </>
  );
}

function isForecast(forecast: History["forecast"]): forecast is HistoryForecast {
  return "records" in forecast;
}
