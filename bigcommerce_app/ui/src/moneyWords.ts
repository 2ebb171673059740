import type { Difference, DifferenceKind, MoneyRun, MoneyTotal } from "./api/money";
import { isZero, plural } from "./format";

/** Whether both sides agree: differences that cancel each other out are differences. */
export function totalWords({ drift, differences }: MoneyTotal, crm: string): string {
  if (!isZero(drift)) return `${crm} has ${drift.startsWith("-") ? "less" : "more"} than your store.`;
  if (differences === 0) return "Both sides agree to the cent.";
  return `The sums agree, but ${differences} ${plural(differences, "order differs", "orders differ")}: see below.`;
}

/** Which check it was. */
export function runWords({ asked_by, is_nightly }: MoneyRun): string {
  if (asked_by) return `Last check, by ${asked_by}`;
  return is_nightly ? "Last night’s check" : "The check after the last repair";
}

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
export function repairWords({ kind, delivery, is_deleted }: Difference, crm: string): string {
  if (kind === "twice") return "Delete the one too many there: Storeline deletes nothing that people may have worked on.";
  if (is_deleted && delivery?.state !== "waiting" && delivery?.state !== "running") {
    return `Somebody deleted it in ${crm}. Repair makes it anew.`;
  }
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
