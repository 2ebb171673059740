import { Badge, Panel } from "@bigcommerce/big-design";

import type { History, HistoryPage } from "../api/history";
import type { Connection } from "../api/types";
import { useApp } from "../context";
import { choiceWords, HISTORY_STATES } from "../historyWords";
import { Failed } from "./HistoryRun";
import { type Column, Listing } from "./Listing";
import { Pages } from "./Pages";
import { Time } from "./Time";

interface Props {
  connection: Connection;
  items: History[];
  page: HistoryPage;
  now: number;
  onPage: (page: number) => void;
}

/** What was brought before; nothing where nothing was. */
export function FormerHistories({ connection, items, page, now, onPage }: Props) {
  const { format } = useApp();
  if (items.length === 0) return null;
  const columns: Column<History>[] = [
    { header: "State", isPlain: true, width: 130, render: (one) => <Badge {...HISTORY_STATES[one.state]} /> },
    { header: "What", isPlain: true, render: (one) => <What history={one} /> },
    {
      header: "Brought",
      align: "right",
      render: (one) => `${format.number(one.progress.done)} of ${format.number(one.progress.total)}`,
    },
    { header: "Failed", align: "right", render: (one) => <Failed count={one.progress.failed} /> },
    { header: "Took", render: (one) => (one.started_at ? format.duration(one.progress.seconds) : "–") },
    { header: "When", width: 150, render: (one) => <Time at={one.finished_at ?? one.created_at} now={now} /> },
  ];
  return (
    <Panel header={`Brought to ${connection.label} before`}>
      <Listing columns={columns} items={items} keyOf={(one) => one.id} name="History brought before" />
      {page.pages > 1 && (
        <Pages
          onPage={onPage}
          page={page.page}
          pages={page.pages}
          shown={page.items.length}
          things="former ones"
          total={page.total}
        />
      )}
    </Panel>
  );
}

function What({ history }: { history: History }) {
  const { format } = useApp();
  return (
    <>
      {choiceWords(history, (iso) => format.day(iso))}
      {history.problem && <div>{history.problem}</div>}
      {history.created_by && <div>by {history.created_by}</div>}
    </>
  );
}
