import { Button, Checkbox, InlineMessage, Text } from "@bigcommerce/big-design";
import { useContext, useEffect, useRef, useState } from "react";

import type { FormField } from "../api/types";
import { OverviewContext, useApp } from "../context";
import { External, Problem } from "./Feedback";
import { Row } from "./layout";
import { SignIn } from "./SignIn";
import { useAction } from "./useAction";

const GRACE = 15_000; // ms from the end of a consent page to the account's appearance, at most

interface Props {
  vendor: string;
  label: string;
  text: string;
  /** What to ask for; empty: the vendor has a consent page of its own. */
  form: FormField[];
  /** Already decided, as when an account is connected again. */
  environment?: string;
  onConnected: () => void;
}

/** Connects an account: on the vendor's consent page, or by what its administrator types in. */
export function Connect(props: Props) {
  return props.form.length ? <ByForm {...props} /> : <ByConsent {...props} />;
}

function ByForm({ vendor, label, text, form, environment, onConnected }: Props) {
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <Row>
      <Button onClick={() => setOpen(true)} variant="primary">
        {text}
      </Button>
      {open && (
        <SignIn
          environment={environment ?? "production"}
          form={form}
          label={label}
          onClose={close}
          onConnected={() => {
            close();
            onConnected();
          }}
          vendor={vendor}
        />
      )}
    </Row>
  );
}

/** Opens the vendor's consent page in a new tab: it refuses to be framed. The caller watches for what comes of it. */
function ByConsent({ vendor, label, text, environment }: Props) {
  const { api } = useApp();
  const action = useAction();
  const [sandbox, setSandbox] = useState(false);
  const [opened, setOpened] = useState(0);
  const [blocked, setBlocked] = useState("");
  const progress = useProgress(vendor, opened);

  const connect = () => {
    // Opened within the click: a browser blocks what opens later, after the answer.
    const tab = window.open("about:blank", "_blank");
    setBlocked("");
    void action
      .run("connect", async () => {
        const { url } = await api.authorize(vendor, environment ?? (sandbox ? "sandbox" : "production"));
        setOpened(Date.now());
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
          {progress && !blocked && (
            <Text color="secondary60" marginBottom="none">
              {PROGRESS[progress]}
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

type Progress = "waiting" | "ending" | "refused";

const PROGRESS: Record<Progress, string> = {
  waiting: "Go on in the new tab and allow the access there. This page notices by itself when it is done.",
  ending: "Connecting…",
  refused: "The access was not allowed, or the page was left too long. Nothing was changed; you can try again at any time.",
};

/** How far the consent page that was opened at this time has come; a flow that is over without an account was refused. */
function useProgress(vendor: string, opened: number): Progress | undefined {
  const overview = useContext(OverviewContext);
  const flow = useRef<{ opened: number; id?: number }>({ opened: 0 });
  const [refused, setRefused] = useState(0);
  if (flow.current.opened !== opened) flow.current = { opened };
  const ids = overview?.connecting.filter((one) => one.vendor === vendor).map((one) => one.id) ?? [];
  const mine = flow.current;
  if (opened && mine.id === undefined && ids.length) mine.id = Math.max(...ids);
  const isOver = mine.id !== undefined && !ids.includes(mine.id);
  useEffect(() => {
    if (!isOver) return undefined;
    const timer = window.setTimeout(() => setRefused(opened), GRACE);
    return () => window.clearTimeout(timer);
  }, [isOver, opened]);
  if (!opened) return undefined;
  if (!isOver) return "waiting";
  return refused === opened ? "refused" : "ending";
}
