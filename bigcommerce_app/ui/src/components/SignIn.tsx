import { Button, Text } from "@bigcommerce/big-design";
import { type FormEvent, useEffect, useRef, useState } from "react";

import type { FormField } from "../api/types";
import { useApp } from "../context";
import { Dialog } from "./Dialog";
import { Buttons, Problem } from "./Feedback";
import { Field } from "./Field";
import { useAction } from "./useAction";
import { WithCode } from "./WithCode";

const EMPTY = "Please fill this in.";
const LONGEST = 2_000; // characters, as the API takes them

interface Props {
  vendor: string;
  label: string;
  environment: string;
  form: FormField[];
  onClose: () => void;
  onConnected: () => void;
}

/** What an administrator types in to connect an account. It lives as long as the dialog, and nowhere else. */
export function SignIn({ vendor, label, environment, form, onClose, onConnected }: Props) {
  const { api } = useApp();
  const action = useAction();
  const [typed, setTyped] = useState(() => Object.fromEntries(form.map((field) => [field.name, field.default])));
  const [tried, setTried] = useState(false);
  const element = useRef<HTMLFormElement>(null);
  const busy = action.busy !== "";

  const wrong = (field: FormField) => {
    const isEmpty = field.required && !(typed[field.name] ?? "").trim();
    return tried && isEmpty ? EMPTY : action.fields[`form.${field.name}`];
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setTried(true);
    if (form.some((field) => field.required && !(typed[field.name] ?? "").trim())) return;
    void action.run("sign in", () => api.signIn(vendor, environment, typed)).then((done) => done && onConnected());
  };
  const wrongNames = form.filter(wrong).map((field) => field.name).join(" ");
  useEffect(() => {
    const [first] = wrongNames.split(" ");
    const lost = document.activeElement === document.body;
    if (busy || !tried || !(first || lost)) return;
    element.current?.querySelector<HTMLInputElement>(first ? `[name="${first}"]` : "input")?.focus();
  }, [tried, busy]); // when an attempt ends, not while somebody types

  return (
    <Dialog header={`Connect ${label}`} isOpen onClose={onClose}>
      <Text>
        Storeline signs in with this and keeps it encrypted. A password is never shown again, here or anywhere else; to
        change one, connect again.
      </Text>
      <div aria-live="assertive">{action.problem && !wrongNames && <Problem text={action.problem} />}</div>
      <form autoComplete="off" noValidate onSubmit={submit} ref={element}>
        {form.map((field) => (
          <Field
            autoComplete={field.secret ? "new-password" : "off"}
            error={wrong(field)}
            help={field.help && <WithCode text={field.help} />}
            key={field.name}
            label={field.label}
            maxLength={LONGEST}
            name={field.name}
            onChange={(event) => setTyped((before) => ({ ...before, [field.name]: event.target.value }))}
            readOnly={busy} /* and not disabled, which would lose the focus */
            required={field.required}
            spellCheck={false}
            type={field.secret ? "password" : "text"}
            value={typed[field.name] ?? ""}
          />
        ))}
        {/* Not the modal's own actions: a click on one of those ends its focus trap, also when it stays open. */}
        <Buttons>
          <Button isLoading={busy} type="submit">
            Connect
          </Button>
          <Button disabled={busy} onClick={onClose} type="button" variant="subtle">
            Cancel
          </Button>
        </Buttons>
      </form>
    </Dialog>
  );
}
