import { Button, InlineMessage, Text } from "@bigcommerce/big-design";
import { useState } from "react";

import type { MoneyRun } from "../api/money";
import type { Connection } from "../api/types";
import { useApp } from "../context";
import { plural } from "../format";
import { runWords } from "../moneyWords";
import { DateRange, type Range, wrongRange } from "./DateRange";
import { Announcement, Problem } from "./Feedback";
import { Row } from "./layout";
import { Progress } from "./Progress";
import { Time } from "./Time";
import { useAction } from "./useAction";
import { useKeptFocus } from "./useKeptFocus";

const WEEK = 6; // days before today that are checked where nobody says otherwise

interface Props {
  connection: Connection;
  range: Range;
  run: MoneyRun | null;
  now: number;
  onRange: (range: Range) => void;
  onStarted: () => void;
}

/** Which days to show, and a check of them right now. */
export function MoneyCheck({ connection, range, run, now, onRange, onStarted }: Props) {
  const { api, format } = useApp();
  const action = useAction();
  const [asked, setAsked] = useState("");
  const { place, keep } = useKeptFocus<HTMLDivElement>();
  const running = run?.state === "waiting" || run?.state === "running";
  const wrong = wrongRange(range);
  const today = format.calendarDay(now);
  const start = () => {
    const days = { since: range.since || format.calendarDay(now, WEEK), until: range.until || today };
    void action
      .run("check", async () => {
        await api.compare(connection.id, days);
        setAsked(`Comparing ${format.day(days.since)} to ${format.day(days.until)}.`);
      })
      .then(() => {
        onStarted();
        keep();
      });
  };
  return (
    <>
      <DateRange error={wrong} latest={today} onChange={onRange} range={range} />
      <div aria-live="assertive">{action.problem && <Problem onClose={action.clear} text={action.problem} />}</div>
      <Row>
        <Button
          disabled={running || Boolean(wrong)}
          isLoading={action.busy !== ""}
          marginBottom="none"
          mobileWidth="auto"
          onClick={start}
          variant="secondary"
        >
          Check now
        </Button>
        <Announcement>
          {running ? asked : range.since || range.until ? "Checks the days above." : "Checks the last seven days; choose others above."}
        </Announcement>
      </Row>
      <div ref={place} tabIndex={-1}>
        {run && <Run now={now} run={run} />}
      </div>
    </>
  );
}

function Run({ run, now }: { run: MoneyRun; now: number }) {
  const { format } = useApp();
  const days = `${format.day(run.since)} to ${format.day(run.until)}`;
  if (run.state === "waiting" || run.state === "running") {
    return (
      <>
        <Progress name="Comparison" percent={run.days ? (100 * run.days_done) / run.days : 0} />
        <Text>
          Comparing {days}: {format.number(run.days_done)} of {format.number(run.days)} {plural(run.days, "day", "days")},{" "}
          {format.number(run.orders)} {plural(run.orders, "order", "orders")} so far.
        </Text>
      </>
    );
  }
  if (run.state === "failed") {
    return (
      <InlineMessage
        messages={[{ text: `The last check (${days}) did not come to its end: ${run.problem || "it was interrupted"} It is tried again tonight; you can also check now.` }]}
        type="warning"
      />
    );
  }
  const found = run.differences
    ? `${format.number(run.differences)} ${plural(run.differences, "order differed", "orders differed")}, ${format.number(run.repaired)} ${plural(run.repaired, "is", "are")} being repaired`
    : "everything agreed";
  return (
    <Text color="secondary60" marginBottom="none">
      {runWords(run)} (<Time at={run.finished_at ?? run.started_at} now={now} />
      ): {days}, {format.number(run.orders)} {plural(run.orders, "order", "orders")}, {found}.
    </Text>
  );
}
