import { Button } from "@bigcommerce/big-design";
import styled from "styled-components";

import { Announcement, Problem } from "./Feedback";
import { Row } from "./layout";
import type { Action } from "./useAction";

// Within reach however long the list above is, as long as there is something to save.
const Bar = styled.div<{ $isSticky: boolean }>`
  background: ${({ theme }) => theme.colors.white};
  border-top: 1px solid ${({ theme }) => theme.colors.secondary30};
  bottom: 0;
  padding-top: ${({ theme }) => theme.spacing.small};
  position: ${({ $isSticky }) => ($isSticky ? "sticky" : "static")};
  z-index: ${({ theme }) => theme.zIndex.sticky};
`;

interface Props {
  action: Action;
  isChanged: boolean;
  isSaved: boolean;
  onSave: () => void;
  onDiscard: () => void;
}

/** Saves what was edited above, or takes it back. */
export function SaveBar({ action, isChanged, isSaved, onSave, onDiscard }: Props) {
  const busy = action.busy !== "";
  return (
    <Bar $isSticky={isChanged}>
      <div aria-live="assertive">{action.problem && <Problem onClose={action.clear} text={action.problem} />}</div>
      <Row>
        <Button disabled={!isChanged} isLoading={busy} marginBottom="none" mobileWidth="auto" onClick={onSave}>
          Save
        </Button>
        <Button
          disabled={!isChanged || busy}
          marginBottom="none"
          mobileWidth="auto"
          onClick={onDiscard}
          variant="subtle"
        >
          Discard changes
        </Button>
        <Announcement>{isChanged ? "Not saved yet" : isSaved ? "Saved" : ""}</Announcement>
      </Row>
    </Bar>
  );
}
