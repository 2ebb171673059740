import { Button, Checkbox } from "@bigcommerce/big-design";

import type { Conflict, Side } from "../api/terms";
import { Row } from "./layout";

interface Props {
  items: Conflict[];
  chosen: Conflict[];
  busy: string;
  onSelect: (ids: ReadonlySet<number>) => void;
  onSettle: (winner: Side) => void;
}

/** Chooses all on the page, and decides about what is chosen. */
export function Settle({ items, chosen, busy, onSelect, onSettle }: Props) {
  const open = items.filter((one) => one.state !== "settled");
  if (open.length === 0) return null;
  const crms = [...new Set(chosen.map((one) => one.vendor_label))];
  const crm = crms.length === 1 ? crms[0] : "the CRM";
  const all = chosen.length === open.length;
  return (
    <Row aria-label="Decide about several" role="group">
      <Checkbox
        checked={all}
        label={chosen.length ? `${chosen.length} selected` : "Select all on this page"}
        onChange={() => onSelect(new Set(all ? [] : open.map((one) => one.id)))}
      />
      {(["bigcommerce", "crm"] as const).map((side) => (
        <Button
          disabled={chosen.length === 0 || busy !== ""}
          key={side}
          marginBottom="none"
          mobileWidth="auto"
          onClick={() => onSettle(side)}
          variant="secondary"
        >
          {side === "crm" ? `Keep ${crm}’s for all selected` : "Keep BigCommerce’s for all selected"}
        </Button>
      ))}
    </Row>
  );
}
