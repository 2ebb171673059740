import { Button, Input } from "@bigcommerce/big-design";
import { useId, useRef, useState } from "react";
import styled from "styled-components";

import { Announcement } from "./Feedback";
import { Row } from "./layout";

const Name = styled.label`
  display: block;
  font-weight: ${({ theme }) => theme.typography.fontWeight.semiBold};
  margin-bottom: ${({ theme }) => theme.spacing.xxSmall};
`;

const Wide = styled.div`
  flex: 1 1 16rem;
  max-width: 48rem;
  min-width: 0;
`;

/** A text to take along, and a button that does it. */
export function Copy({ label, text }: { label: string; text: string }) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [said, setSaid] = useState("");
  const copy = async () => setSaid((await copied(text, input.current)) ? "Copied" : "Press Ctrl+C or ⌘C to copy");
  return (
    <>
      <Name htmlFor={id}>{label}</Name>
      <Row>
        <Wide>
          <Input id={id} onFocus={(event) => event.target.select()} readOnly ref={input} value={text} />
        </Wide>
        <Button marginBottom="none" mobileWidth="auto" onClick={() => void copy()} variant="secondary">
          Copy
        </Button>
        <Announcement>{said}</Announcement>
      </Row>
    </>
  );
}

/** Whether it could be copied. A page in a frame may not use the clipboard unless the outer page lets it. */
async function copied(text: string, input: HTMLInputElement | null): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    input?.select();
    return document.execCommand("copy"); // deprecated, and the only way that is left there
  }
}
