import { Button, Panel, Text } from "@bigcommerce/big-design";
import { useEffect, useRef, useState } from "react";

import type { OwnerRule, Terms } from "../api/terms";
import type { Connection } from "../api/types";
import { useApp } from "../context";
import { Problem } from "./Feedback";
import { Row } from "./layout";
import { OneOwnerRule } from "./OwnerRule";
import { SaveBar } from "./SaveBar";
import { useDraft } from "./useDraft";
import { useLoaded } from "./useLoaded";

const NEW: OwnerRule = { object: "*", countries: [], groups: [], at_least: "", owners: [] };
const MOST = 100; // rules that the API takes

interface Props {
  connection: Connection;
  terms: Terms;
  onSaved: (terms: Terms) => void;
}

/** Who in the CRM owns what Storeline makes there: rules, the first that fits counts. */
export function Owners({ connection, terms, onSaved }: Props) {
  const { api } = useApp();
  const users = useLoaded(`users ${connection.id}`, (signal) => api.users(connection.id, signal));
  const [tried, setTried] = useState(false);
  const draft = useDraft({
    connectionId: connection.id,
    terms,
    read: (from) => from.owners,
    change: (owners) => ({ owners }),
    onSaved,
    check: (owners) => {
      setTried(true);
      return owners.every((rule) => rule.owners.length > 0);
    },
  });
  const rules = draft.value;
  const list = useRef<HTMLOListElement>(null);
  const [focus, setFocus] = useState<{ rule: number; on: string }>();
  useEffect(() => {
    if (!focus) return;
    const rule = list.current?.children[focus.rule];
    const wanted = rule?.querySelector<HTMLElement>(`[data-on="${focus.on}"]:not(:disabled)`);
    (wanted ?? rule?.querySelector<HTMLElement>("[data-on]:not(:disabled)"))?.focus();
  }, [focus]);

  const replace = (number: number, rule: OwnerRule) => draft.set(rules.map((one, n) => (n === number ? rule : one)));
  const move = (number: number, by: -1 | 1) => {
    const moved = [...rules];
    moved.splice(number + by, 0, ...moved.splice(number, 1));
    draft.set(moved);
    setFocus({ rule: number + by, on: by < 0 ? "up" : "down" });
  };
  const remove = (number: number) => {
    draft.set(rules.filter((_, n) => n !== number));
    setFocus({ rule: Math.max(0, number - 1), on: "remove" });
  };
  const add = () => {
    draft.set([...rules, NEW]);
    setFocus({ rule: rules.length, on: "for" });
  };

  return (
    <Panel header="Owners">
      <Text>
        Who owns the accounts, leads and opportunities that Storeline makes in {connection.label}. The rules are tried from top to
        bottom, and the first one that fits counts. Where a rule names several users they take turns: the first record goes to the
        first of them, the next one to the second, and so on. Where none fits, {connection.label} decides. What is there already
        keeps its owner.
      </Text>
      {users.error && <Problem text={`The users of ${connection.label} could not be loaded: ${users.error.message}`} />}
      {rules.length === 0 && <Text>There is no rule yet: {connection.label} decides about everything.</Text>}
      <ol ref={list} style={{ listStyle: "none", margin: 0, padding: 0 }}>
        {rules.map((rule, number) => (
          <OneOwnerRule
            crm={connection.label}
            errors={draft.fields}
            isLast={number === rules.length - 1}
            key={number}
            number={number}
            objects={terms.objects}
            onChange={(changed) => replace(number, changed)}
            onMove={(by) => move(number, by)}
            onRemove={() => remove(number)}
            rule={rule}
            tried={tried}
            users={users.data?.users}
          />
        ))}
      </ol>
      <Row>
        <Button disabled={rules.length >= MOST} onClick={add} variant="secondary">
          Add a rule
        </Button>
      </Row>
      <SaveBar {...draft.bar} />
    </Panel>
  );
}
