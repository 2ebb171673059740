import { Text } from "@bigcommerce/big-design";
import { useState } from "react";

import type { Person } from "../api/privacy";
import { useApp } from "../context";
import { Dialog } from "./Dialog";
import { Problem } from "./Feedback";
import { Field } from "./Field";
import { useAction } from "./useAction";

interface Props {
  person: Person;
  onErased: (words: string) => void;
  onClose: () => void;
  returnTo: () => HTMLElement | null;
}

/** Asks once more, as nothing brings this back. */
export function Erase({ person, onErased, onClose, returnTo }: Props) {
  const { api } = useApp();
  const action = useAction();
  const [typed, setTyped] = useState("");
  const same = typed.trim().toLowerCase() === person.email.toLowerCase();
  const erase = () =>
    void action.run("erase", async () => {
      const { words } = await api.erase(person.email, typed.trim());
      onErased(`The data of ${person.email} is being erased; below you see when that is done. ${words}`);
    });
  return (
    <Dialog
      actions={[
        { text: "Cancel", variant: "subtle", onClick: onClose },
        { text: "Erase for good", actionType: "destructive", disabled: !same, isLoading: action.busy !== "", onClick: erase },
      ]}
      header={`Erase the data of ${person.name || person.email}?`}
      isOpen
      onClose={onClose}
      returnTo={returnTo}
    >
      <Text>
        <strong>Erased here:</strong> name, addresses, phone and e-mail, copies of their orders and carts, what was sent and
        received about them, and which records in your CRM are theirs. Amounts and dates stay, without the person, so that the
        books still agree.
      </Text>
      <Text>
        <strong>Not erased:</strong> the customer and the orders in your BigCommerce store, and the records in your CRM. They are
        yours: erase the person there, too. Until they buy again, Storeline carries nothing about them any more.
      </Text>
      <div aria-live="assertive">{action.problem && <Problem onClose={action.clear} text={action.problem} />}</div>
      <Field
        autoComplete="off"
        error={action.fields.confirm}
        help={`To be sure, type ${person.email}. Nothing brings this back.`}
        label="The e-mail address once more"
        onChange={(event) => setTyped(event.target.value)}
        spellCheck={false}
        type="email"
        value={typed}
      />
    </Dialog>
  );
}
