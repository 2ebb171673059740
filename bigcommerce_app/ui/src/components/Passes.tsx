import { Badge, Button, Panel, Text } from "@bigcommerce/big-design";
import { useState } from "react";
import styled from "styled-components";

import type { CrmUser, PanelCode, PanelPass } from "../api/terms";
import type { Connection } from "../api/types";
import { useApp } from "../context";
import { useLive, useNow } from "../live";
import { Copy } from "./Copy";
import { Dialog } from "./Dialog";
import { Buttons, Failure, Problem, Skeleton } from "./Feedback";
import { Hidden, Row } from "./layout";
import { PassForm } from "./PassForm";
import { Time } from "./Time";
import { useAction } from "./useAction";

const EVERY = 10_000; // ms

const List = styled.ul`
  list-style: none;
  margin: 0 0 ${({ theme }) => theme.spacing.medium};
  padding: 0;

  > li {
    align-items: center;
    border-bottom: 1px solid ${({ theme }) => theme.colors.secondary20};
    display: flex;
    flex-wrap: wrap;
    gap: ${({ theme }) => theme.spacing.xSmall};
    overflow-wrap: anywhere;
    padding: ${({ theme }) => theme.spacing.xSmall} 0;
  }

  > li > :first-child {
    flex: 1 1 14rem;
  }
`;

const Big = styled.output`
  display: block;
  font-size: 1.75rem;
  letter-spacing: 0.08em;
  margin: ${({ theme }) => theme.spacing.small} 0;
  overflow-wrap: anywhere;
`;

const Quiet = styled.div`
  color: ${({ theme }) => theme.colors.secondary60};
`;

/** Who may open the panel in a CRM that does not tell us, in a way we could trust, who is looking. */
export function Passes({ connection }: { connection: Connection }) {
  const { api } = useApp();
  const [shown, setShown] = useState<PanelCode & { name: string }>();
  const live = useLive(`passes ${connection.id}`, (signal) => api.passes(connection.id, signal), EVERY);
  const { label } = connection;
  const make = async (user: CrmUser) => {
    setShown({ ...(await api.makePass(connection.id, { user_id: user.id, user_name: user.name })), name: user.name });
    live.refresh();
  };
  return (
    <>
      <Panel header="Who may open the panel">
        <Text>
          {label} does not vouch for the person who looks at a record. So everybody who is to see the order history there gets a code
          from you once, and types it into the panel; their browser is let in from then on, for 90 days or until you revoke it.
        </Text>
        {!live.data && (live.error ? <Failure error={live.error} retry={live.refresh} /> : <Skeleton rows={4} />)}
        {live.data && <Everybody connection={connection} onChanged={live.refresh} passes={live.data.items} />}
        <PassForm connection={connection} onChosen={make} />
        {shown && <Code code={shown} label={label} onClose={() => setShown(undefined)} />}
      </Panel>
      {live.data && (
        <Panel header={`The panel in ${label}`}>
          <Text>
            Your {label} administrator makes an HTML mashup with this address under Administrator → Mashup Authoring, with two more
            parameters: <code>object</code>, a constant that says what the screen shows (such as <code>CorporateAccount</code>), and{" "}
            <code>id</code>, bound to the record’s id. Then it is placed on the screens of customers, contacts, leads,
            opportunities, orders and tickets.
          </Text>
          <Copy label="Address of the mashup" text={live.data.url} />
        </Panel>
      )}
    </>
  );
}

function Everybody({ connection, passes, onChanged }: { connection: Connection; passes: PanelPass[]; onChanged: () => void }) {
  const { api } = useApp();
  const action = useAction();
  const now = useNow();
  const [asking, setAsking] = useState<PanelPass>();
  if (passes.length === 0) return <Text>Nobody yet.</Text>;
  const revoke = (pass: PanelPass) => {
    setAsking(undefined);
    void action.run("revoke", () => api.revokePass(connection.id, pass.id)).then(onChanged);
  };
  return (
    <>
      {action.problem && <Problem onClose={action.clear} text={action.problem} />}
      <List aria-label="Who may open the panel">
        {passes.map((pass) => (
          <li key={pass.id}>
            <div>
              <strong>{pass.user_name || pass.user_id}</strong>
              <Quiet>
                <Standing now={now} pass={pass} />
              </Quiet>
            </div>
            <Badge {...badgeOf(pass, now)} />
            <Button
              disabled={action.busy !== ""}
              marginBottom="none"
              mobileWidth="auto"
              onClick={() => setAsking(pass)}
              variant="subtle"
            >
              Revoke<Hidden> {pass.user_name || pass.user_id}</Hidden>
            </Button>
          </li>
        ))}
      </List>
      {asking && (
        <Dialog
          actions={[
            { text: "Cancel", variant: "subtle", onClick: () => setAsking(undefined) },
            { text: "Revoke", actionType: "destructive", onClick: () => revoke(asking) },
          ]}
          header={`Revoke ${asking.user_name || asking.user_id}?`}
          isOpen
          onClose={() => setAsking(undefined)}
          variant="dialog"
        >
          <Text>The code or the browser of this pass opens the panel no more, at once. You can make a new code at any time.</Text>
        </Dialog>
      )}
    </>
  );
}

function Standing({ pass, now }: { pass: PanelPass; now: number }) {
  const over = Date.parse(pass.expires_at) < now;
  const until = <Time at={pass.expires_at} now={now} />;
  if (!pass.is_paired) return over ? <>The code ran out {until}, unused.</> : <>The code runs out {until}.</>;
  return (
    <>
      {pass.seen_at ? (
        <>
          Last opened <Time at={pass.seen_at} now={now} />.{" "}
        </>
      ) : (
        "Not opened yet. "
      )}
      {over ? <>Ran out {until}.</> : <>Ends {until}.</>}
    </>
  );
}

function badgeOf(pass: PanelPass, now: number) {
  if (Date.parse(pass.expires_at) < now) return { label: "Ran out", variant: "secondary" } as const;
  return pass.is_paired
    ? ({ label: "Let in", variant: "success" } as const)
    : ({ label: "Code not used yet", variant: "warning" } as const);
}

function Code({ code, label, onClose }: { code: PanelCode & { name: string }; label: string; onClose: () => void }) {
  const { format } = useApp();
  return (
    <Dialog header={`Code for ${code.name}`} isOpen onClose={onClose}>
      <Text>
        Give this code to {code.name}, who types it into the panel in {label}. It works once, until {format.exact(code.expires_at)}.
        It is shown only now.
      </Text>
      <Big aria-label="One-time code">{code.code}</Big>
      <Row>
        <Buttons>
          <Button onClick={onClose}>Done</Button>
        </Buttons>
      </Row>
    </Dialog>
  );
}
