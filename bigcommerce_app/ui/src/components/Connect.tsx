import { Button, Checkbox, InlineMessage, Text } from "@bigcommerce/big-design";
import { useState } from "react";

import { useApp } from "../context";
import { External, Problem } from "./Feedback";
import { Row } from "./layout";
import { useAction } from "./useAction";

interface Props {
  vendor: string;
  label: string;
  text: string;
  /** Already decided, as when an account is connected again. */
  environment?: string;
}

/** Opens the vendor's consent page in a new tab: it refuses to be framed. The caller watches for what comes of it. */
export function Connect({ vendor, label, text, environment }: Props) {
  const { api } = useApp();
  const action = useAction();
  const [sandbox, setSandbox] = useState(false);
  const [opened, setOpened] = useState(false);
  const [blocked, setBlocked] = useState("");

  const connect = () => {
    // Opened within the click: a browser blocks what opens later, after the answer.
    const tab = window.open("about:blank", "_blank");
    setBlocked("");
    void action
      .run("connect", async () => {
        const { url } = await api.authorize(vendor, environment ?? (sandbox ? "sandbox" : "production"));
        setOpened(true);
        if (!tab) return setBlocked(url);
        tab.opener = null;
        tab.location.replace(url);
      })
      .then((done) => !done && tab?.close());
  };

  return (
    <div>
      {action.problem && <Problem onClose={action.clear} text={action.problem} />}
      {environment === undefined && (
        <Row>
          <Checkbox
            checked={sandbox}
            description={`Leave this off for the ${label} that your people work in.`}
            label={`Connect a ${label} sandbox (for tests)`}
            onChange={() => setSandbox(!sandbox)}
          />
        </Row>
      )}
      <Row>
        <Button isLoading={action.busy === "connect"} onClick={connect} variant="primary">
          {text}
        </Button>
        <div aria-live="polite">
          {opened && !blocked && (
            <Text color="secondary60" marginBottom="none">
              Go on in the new tab and allow the access there. This page notices by itself when it is done.
            </Text>
          )}
        </div>
      </Row>
      {blocked && (
        <>
          <InlineMessage
            marginTop="small"
            messages={[{ text: "Your browser did not let us open a new tab. Please open it yourself:" }]}
            type="info"
          />
          <External href={blocked}>Open {label}</External>
        </>
      )}
    </div>
  );
}
