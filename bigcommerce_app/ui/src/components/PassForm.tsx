import { Button, H4 } from "@bigcommerce/big-design";
import { type FormEvent, useState } from "react";

import type { CrmUser } from "../api/terms";
import type { Connection } from "../api/types";
import { useApp } from "../context";
import { Problem } from "./Feedback";
import { Field } from "./Field";
import { Row } from "./layout";
import { useAction } from "./useAction";
import { useLoaded } from "./useLoaded";
import { UserPicker } from "./UserPicker";

interface Props {
  connection: Connection;
  onChosen: (user: CrmUser) => Promise<void>;
}

/** Whom to make a code for: a user of the CRM from its list; where that cannot be had, by hand. */
export function PassForm({ connection, onChosen }: Props) {
  const { api } = useApp();
  const action = useAction();
  const users = useLoaded(`users ${connection.id}`, (signal) => api.users(connection.id, signal));
  const make = (user: CrmUser) => void action.run("make", () => onChosen(user));
  return (
    <>
      <H4 as="h3">Make a code</H4>
      <div aria-live="assertive">{action.problem && <Problem onClose={action.clear} text={action.problem} />}</div>
      {users.error ? (
        <ByHand busy={action.busy !== ""} crm={connection.label} onMake={make} />
      ) : (
        <UserPicker
          chosen={[]}
          crm={connection.label}
          heading="For whom"
          label="Make a code"
          onChange={(ids) => {
            const user = users.data?.users.find((one) => one.id === ids[0]);
            if (user) make(user);
          }}
          users={users.data?.users}
          verb="Make a code for"
        />
      )}
    </>
  );
}

function ByHand({ crm, busy, onMake }: { crm: string; busy: boolean; onMake: (user: CrmUser) => void }) {
  const [id, setId] = useState("");
  const [name, setName] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onMake({ id: id.trim(), name: name.trim() || id.trim(), email: "" });
  };
  return (
    <form onSubmit={submit}>
      <Field
        help={`The list of users could not be loaded from ${crm}; please type it in.`}
        label={`User id in ${crm}`}
        maxLength={64}
        onChange={(event) => setId(event.target.value)}
        required
        value={id}
      />
      <Field label="Name" maxLength={255} onChange={(event) => setName(event.target.value)} required={false} value={name} />
      <Row>
        <Button disabled={!id.trim()} isLoading={busy} type="submit" variant="secondary">
          Make a code
        </Button>
      </Row>
    </form>
  );
}
