import { Modal, type ModalProps } from "@bigcommerce/big-design";
import { useEffect, useMemo, useRef } from "react";

interface Props extends ModalProps {
  header: string;
  /** Where the focus goes when the dialog is over and what opened it is not there any more. */
  returnTo?: () => HTMLElement | null | undefined;
}

/** BigDesign's modal, with its name where screen readers look for it: on the element that has the role. */
export function Dialog({ header, children, returnTo, isOpen, ...rest }: Props) {
  const opener = useMemo(() => (isOpen ? document.activeElement : null), [isOpen]); // before anything takes the focus
  return (
    <Modal header={header} isOpen={isOpen} {...rest}>
      <Name text={header} />
      <Return opener={opener} to={returnTo} />
      {children}
    </Modal>
  );
}

function Name({ text }: { text: string }) {
  const inside = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    inside.current?.closest('[role="dialog"]')?.setAttribute("aria-label", text);
  }, [text]);
  return <span hidden ref={inside} />;
}

/** BigDesign's trap gives the focus back only when it closes before it goes, and only while what had it is still there. */
function Return({ opener, to }: { opener: Element | null; to: Props["returnTo"] }) {
  const latest = useRef(to);
  latest.current = to;
  useEffect(
    () => () => {
      window.setTimeout(() => {
        if (isLost() && opener instanceof HTMLElement) opener.focus(); // does nothing if it is gone
        if (isLost()) latest.current?.()?.focus();
      }, 50); // after the trap's own attempt
    },
    [opener],
  );
  return null;
}

function isLost(): boolean {
  return document.activeElement === null || document.activeElement === document.body;
}
