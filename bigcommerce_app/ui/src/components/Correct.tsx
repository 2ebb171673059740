import { Button, H4, Text } from "@bigcommerce/big-design";
import { useEffect, useRef, useState } from "react";

import type { Correctable, CorrectableField } from "../api/problems";
import type { Delivery } from "../api/types";
import { useApp } from "../context";
import { External, Failure, Problem, Skeleton } from "./Feedback";
import { Field } from "./Field";
import { Fold } from "./Fold";
import { Row } from "./layout";
import { useAction } from "./useAction";
import { useLoaded } from "./useLoaded";

interface Props {
  delivery: Delivery;
  onDone: () => void;
}

/** Sends another value than the store's for this one record; opened by a button, as it reads the record anew. */
export function Correct(props: Props) {
  const [open, setOpen] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const wasOpen = useRef(false);
  useEffect(() => {
    if (wasOpen.current && !open) opener.current?.focus();
    wasOpen.current = open;
  }, [open]);
  if (!open) {
    return (
      <Button mobileWidth="auto" onClick={() => setOpen(true)} ref={opener} variant="secondary">
        Correct a value
      </Button>
    );
  }
  return <Opened {...props} onClose={() => setOpen(false)} />;
}

function Opened({ delivery, onDone, onClose }: Props & { onClose: () => void }) {
  const { api } = useApp();
  const loaded = useLoaded(`correctable ${delivery.id}`, (signal) => api.correctable(delivery.id, signal));
  const given = loaded.data;
  return (
    <section aria-label="Correct a value" style={{ width: "100%" }}>
      <H4 as="h3">Correct a value</H4>
      {!given && (loaded.error ? <Failure error={loaded.error} retry={loaded.retry} /> : <Skeleton height="2.5rem" rows={3} />)}
      {given && !given.can_correct && (
        <>
          <Text>{given.words || "This cannot be corrected here."}</Text>
          <AtSource correctable={given} crm={delivery.vendor_label} />
          <Button mobileWidth="auto" onClick={onClose} variant="subtle">
            Back
          </Button>
        </>
      )}
      {given?.can_correct && <Inputs correctable={given} delivery={delivery} onClose={onClose} onDone={onDone} />}
    </section>
  );
}

function Inputs({ correctable, delivery, onDone, onClose }: Props & { correctable: Correctable; onClose: () => void }) {
  const { api } = useApp();
  const action = useAction();
  const { culprits, others } = sorted(correctable.fields);
  const [typed, setTyped] = useState<Record<string, string>>({});
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector("input")?.focus(), []);
  const changed = Object.fromEntries(
    correctable.fields.flatMap((field) => {
      const value = typed[field.name];
      return value === undefined || value === shownOf(field) ? [] : [[field.name, value]];
    }),
  );
  const isCorrected = correctable.fields.some((field) => field.corrected !== null);
  const finish = (done: boolean) => {
    if (done) {
      onClose();
      onDone();
    } else {
      window.setTimeout(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
    }
  };
  const input = (field: CorrectableField) => (
    <OneField
      error={action.fields[`values.${field.name}`]}
      field={field}
      key={field.name}
      onChange={(value) => setTyped({ ...typed, [field.name]: value })}
      value={typed[field.name] ?? shownOf(field)}
    />
  );
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void action.run("save", () => api.correct(delivery.id, changed)).then(finish);
      }}
      ref={form}
    >
      <Text>{correctable.words}</Text>
      {culprits.map(input)}
      {others.length > 0 && (culprits.length ? <Fold name="Other values" note={`${others.length}`}>{others.map(input)}</Fold> : others.map(input))}
      <AtSource correctable={correctable} crm={delivery.vendor_label} />
      <div aria-live="assertive">{action.problem && <Problem text={action.problem} />}</div>
      <Buttons
        busy={action.busy}
        isChanged={Object.keys(changed).length > 0}
        onClose={onClose}
        onDrop={isCorrected ? () => void action.run("drop", () => api.dropCorrections(delivery.id)).then(finish) : undefined}
      />
    </form>
  );
}

interface ButtonsProps {
  busy: string;
  isChanged: boolean;
  onClose: () => void;
  /** Takes back what was corrected before; undefined where nothing was. */
  onDrop: (() => void) | undefined;
}

function Buttons({ busy, isChanged, onClose, onDrop }: ButtonsProps) {
  return (
    <Row>
      <Button disabled={!isChanged} isLoading={busy === "save"} marginBottom="none" mobileWidth="auto" type="submit">
        Save and replay
      </Button>
      {onDrop && (
        <Button
          isLoading={busy === "drop"}
          marginBottom="none"
          mobileWidth="auto"
          onClick={onDrop}
          type="button"
          variant="secondary"
        >
          Send the store’s values again
        </Button>
      )}
      <Button marginBottom="none" mobileWidth="auto" onClick={onClose} type="button" variant="subtle">
        Cancel
      </Button>
    </Row>
  );
}

interface OneFieldProps {
  field: CorrectableField;
  value: string;
  error: string | undefined;
  onChange: (value: string) => void;
}

function OneField({ field, value, error, onChange }: OneFieldProps) {
  const most = field.max_length ? ` At most ${field.max_length} characters.` : "";
  const kind = field.type === "country" ? " A country’s name, or its two letters." : "";
  return (
    <Field
      error={error}
      help={`The store has ${field.value ? `“${field.value}”` : "nothing here"}.${most}${kind}`}
      label={field.label}
      onChange={(event) => onChange(event.target.value)}
      spellCheck={false}
      type={field.type === "email" ? "email" : "text"}
      value={value}
    />
  );
}

/** The better way, where there is one: then every later record is right, too. */
function AtSource({ correctable, crm }: { correctable: Correctable; crm: string }) {
  if (!correctable.store_url && !correctable.crm_url) return null;
  return (
    <Row>
      <span>Or mend it where it comes from, and press Replay:</span>
      {correctable.store_url && <External href={correctable.store_url}>in BigCommerce</External>}
      {correctable.crm_url && <External href={correctable.crm_url}>in {crm}</External>}
    </Row>
  );
}

function shownOf(field: CorrectableField): string {
  return field.corrected ?? field.value;
}

function sorted(fields: CorrectableField[]) {
  return { culprits: fields.filter((one) => one.is_culprit), others: fields.filter((one) => !one.is_culprit) };
}
