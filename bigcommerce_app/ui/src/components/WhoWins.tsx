import { Panel, Text } from "@bigcommerce/big-design";
import { useId } from "react";
import styled from "styled-components";

import { type Chosen, type FieldRule, type Rule, RULES, type Terms } from "../api/terms";
import type { Connection } from "../api/types";
import { fieldName, inOrder, ruleKind, type RuleWords, ruleWords } from "../termWords";
import { Choice } from "./Field";
import { Fold } from "./Fold";
import { Grid } from "./layout";
import { SaveBar } from "./SaveBar";
import { useDraft } from "./useDraft";

const Meanings = styled.dl`
  margin: 0;

  dt {
    font-weight: ${({ theme }) => theme.typography.fontWeight.semiBold};
  }

  dd {
    margin: 0 0 ${({ theme }) => theme.spacing.small};
  }
`;

const Quiet = styled.span`
  color: ${({ theme }) => theme.colors.secondary60};
`;

const AS_ALL = ""; // no rule of its own
const ALL = "*";

interface Props {
  connection: Connection;
  terms: Terms;
  onSaved: (terms: Terms) => void;
}

/** Whose value stands, by kind of record and field. */
export function WhoWins({ connection, terms, onSaved }: Props) {
  const words = ruleWords(connection.label);
  const draft = useDraft({
    connectionId: connection.id,
    terms,
    read: (from) => from.chosen,
    change: (rules) => ({ rules }),
    onSaved,
  });
  const all = inOrder(terms.by_field);
  const kinds = [...new Set(all.map((one) => one.kind))];
  const choose = (kind: string, field: string, rule: Rule | typeof AS_ALL) => {
    const own = { ...draft.value[kind] };
    if (rule === AS_ALL) delete own[field];
    else own[field] = rule;
    const { [kind]: _, ...others } = draft.value;
    draft.set(Object.keys(own).length ? { ...others, [kind]: own } : others);
  };
  return (
    <Panel header="Who wins">
      <Text>
        When a field is edited in the store and in {connection.label}, one value has to stand. Choose for each kind of record
        which; single fields may follow a rule of their own.
      </Text>
      <Fold isOpen name="The six rules" note="">
        <Meaning words={words} />
      </Fold>
      {kinds.length === 0 && <Text>Nothing of {connection.label} can be carried back to the store yet.</Text>}
      {kinds.map((kind, index) => (
        <Kind
          chosen={draft.value}
          fields={all.filter((one) => one.kind === kind)}
          isOpen={index === 0}
          key={kind}
          kind={kind}
          onChoose={choose}
          words={words}
        />
      ))}
      <SaveBar {...draft.bar} />
    </Panel>
  );
}

function Meaning({ words }: { words: Record<Rule, RuleWords> }) {
  return (
    <Meanings>
      {RULES.map((rule) => (
        <div key={rule}>
          <dt>{words[rule].label}</dt>
          <dd>
            {words[rule].meaning} <Quiet>For example: {words[rule].example}</Quiet>
          </dd>
        </div>
      ))}
    </Meanings>
  );
}

interface KindProps {
  kind: string;
  fields: FieldRule[];
  chosen: Chosen;
  isOpen: boolean;
  words: Record<Rule, RuleWords>;
  onChoose: (kind: string, field: string, rule: Rule | typeof AS_ALL) => void;
}

function Kind({ kind, fields, chosen, isOpen, words, onChoose }: KindProps) {
  const id = useId();
  const own = chosen[kind] ?? {};
  const all = own[ALL] ?? "both";
  const exceptions = Object.keys(own).filter((field) => field !== ALL).length;
  const isOff = fields.every((one) => !one.travels);
  const rules = RULES.map((rule) => ({ value: rule as Rule | typeof AS_ALL, content: words[rule].label }));
  const name = ruleKind(kind);
  const note = isOff ? "not carried back" : `${words[all].label}${exceptions ? `, ${exceptions} of their own` : ""}`;
  return (
    <Fold isOpen={isOpen} name={name} note={note}>
      {isOff && <Why id={id} rule={fields[0]} />}
      <Grid>
        <caption>{name}</caption>
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Whose value stands</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">All fields</th>
            <td>
              <Choice
                describedBy={isOff ? id : undefined}
                disabled={isOff}
                hidden
                label={`${name}: all fields`}
                onChange={(rule) => onChoose(kind, ALL, rule)}
                options={rules}
                value={all}
              />
            </td>
          </tr>
          {fields.map((one) => (
            <tr key={one.field}>
              <th scope="row">
                {fieldName(one.field)}
                {!one.travels && !isOff && <Why id={`${id}-${one.field}`} rule={one} />}
              </th>
              <td>
                <Choice
                  describedBy={one.travels ? undefined : isOff ? id : `${id}-${one.field}`}
                  disabled={!one.travels}
                  hidden
                  label={`${name}: ${fieldName(one.field)}`}
                  onChange={(rule) => onChoose(kind, one.field, rule)}
                  options={[{ value: AS_ALL, content: `As all (${words[all].label})` }, ...rules]}
                  value={own[one.field] ?? AS_ALL}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </Grid>
    </Fold>
  );
}

/** Why nothing can be chosen. */
function Why({ id, rule }: { id: string; rule: FieldRule | undefined }) {
  const switches = rule?.switches.map((label) => `“${label}”`).join(" or ");
  return (
    <Text color="secondary60" id={id} marginBottom="none">
      Off: edits are not carried back to the store, so BigCommerce’s value stands. Switch on {switches} under “What is synced”.
    </Text>
  );
}
