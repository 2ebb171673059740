import type { ReactNode } from "react";

import type { Connection } from "../api/types";
import { useApp } from "../context";
import { Numbers } from "./Numbers";
import { Time } from "./Time";

/** A connection in figures: what waits, what failed, the money behind it, what was done today. */
export function Figures({ connection, now }: { connection: Connection; now: number }) {
  const { format } = useApp();
  const { counts, money_waiting: money } = connection;
  const figures: [string, ReactNode][] = [
    ["Waiting", format.number(counts.waiting + counts.running)],
    ["Failed", format.number(counts.dead)],
    ["Done today", format.number(counts.done_today)],
    ["Money not there yet", money.map((sum) => format.money(sum.amount, sum.currency)).join(" + ") || "None"],
    ["Last activity", connection.last_activity_at ? <Time at={connection.last_activity_at} now={now} /> : "None yet"],
  ];
  if (connection.breaker.state === "closed" && connection.hold_until && Date.parse(connection.hold_until) > now) {
    figures.push([`${connection.label} asked us to wait`, <Time at={connection.hold_until} key="hold" now={now} />]);
  }
  return <Numbers items={figures} />;
}
