import type { Difference, DifferenceKind } from "./api/money";

/** How an order differs. */
export function differenceWords(kind: DifferenceKind, crm: string): string {
  const words: Record<DifferenceKind, string> = {
    missing: `Not in ${crm}`,
    extra: "No sale in your store (any more)",
    amount: "The amounts differ",
    currency: "The currencies differ",
    twice: `More than once in ${crm}`,
  };
  return words[kind];
}

/** How far its repair is. */
export function repairWords({ kind, delivery }: Difference): string {
  if (kind === "twice") return "Delete the one too many there: Storeline deletes nothing that people may have worked on.";
  switch (delivery?.state) {
    case "waiting":
      return "Waiting for its turn";
    case "running":
      return "On its way";
    case "done":
      return "Brought again; the next check confirms it";
    default:
      return "";
  }
}
