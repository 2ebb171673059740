import { Modal, type ModalProps } from "@bigcommerce/big-design";
import { useEffect, useRef } from "react";

/** BigDesign's modal, with its name where screen readers look for it: on the element that has the role. */
export function Dialog({ header, children, ...rest }: ModalProps & { header: string }) {
  return (
    <Modal header={header} {...rest}>
      <Name text={header} />
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
