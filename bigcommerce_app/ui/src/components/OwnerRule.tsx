import { Button } from "@bigcommerce/big-design";
import { useState } from "react";
import styled from "styled-components";

import type { CrmUser, OwnerRule } from "../api/terms";
import { listed } from "../format";
import { objectName } from "../termWords";
import { Choice, Field } from "./Field";
import { Hidden, Row } from "./layout";
import { UserPicker } from "./UserPicker";

const Card = styled.li`
  border: 1px solid ${({ theme }) => theme.colors.secondary30};
  border-radius: ${({ theme }) => theme.borderRadius.normal};
  margin-bottom: ${({ theme }) => theme.spacing.medium};
  padding: ${({ theme }) => theme.spacing.medium};
`;

const Title = styled.h3`
  font-size: 1rem;
  font-weight: ${({ theme }) => theme.typography.fontWeight.semiBold};
  margin: 0 auto 0 0;
`;

const Cells = styled.div`
  align-items: end;
  display: grid;
  gap: 0 ${({ theme }) => theme.spacing.medium};
  grid-template-columns: repeat(auto-fit, minmax(min(13rem, 100%), 1fr));

  > * {
    margin-bottom: ${({ theme }) => theme.spacing.medium};
  }
`;

interface Props {
  rule: OwnerRule;
  number: number;
  isLast: boolean;
  crm: string;
  objects: string[];
  users: CrmUser[] | undefined;
  /** The whole list's errors, by path. */
  errors: Record<string, string>;
  tried: boolean;
  onChange: (rule: OwnerRule) => void;
  onMove: (by: -1 | 1) => void;
  onRemove: () => void;
}

/** One rule of who owns what: for what, when, and who. */
export function OneOwnerRule(props: Props) {
  const { rule, number, isLast, crm, objects, users, errors, tried, onChange, onMove, onRemove } = props;
  const path = `owners.${number}.`;
  const wrong = (name: string) =>
    Object.entries(errors).find(([where]) => where === path + name || where.startsWith(`${path}${name}.`))?.[1];
  const title = `Rule ${number + 1}`;
  return (
    <Card aria-label={title}>
      <Row>
        <Title>{title}</Title>
        <Small disabled={number === 0} name="Up" of={title} on="up" onClick={() => onMove(-1)} />
        <Small disabled={isLast} name="Down" of={title} on="down" onClick={() => onMove(1)} />
        <Small name="Remove" of={title} on="remove" onClick={onRemove} />
      </Row>
      <Cells>
        <Choice
          label="For"
          mark="for"
          onChange={(object) => onChange({ ...rule, object })}
          options={["*", ...objects].map((object) => ({ value: object, content: objectName(object) }))}
          value={rule.object}
        />
        <Texts
          error={wrong("countries")}
          help="Two letters each: GB, DE"
          label="Only from these countries"
          onChange={(countries) => onChange({ ...rule, countries: countries.map((code) => code.toUpperCase()) })}
          value={rule.countries}
        />
        <Texts
          error={wrong("groups")}
          help="As they are called in the store"
          label="Only these customer groups"
          onChange={(groups) => onChange({ ...rule, groups })}
          value={rule.groups}
        />
        <Field
          error={wrong("at_least")}
          help="Of the order or cart, in its own currency"
          inputMode="decimal"
          label="Only from this amount"
          maxLength={30}
          onChange={(event) => onChange({ ...rule, at_least: event.target.value.trim() })}
          placeholder="Any"
          value={rule.at_least}
        />
      </Cells>
      <UserPicker
        chosen={rule.owners}
        crm={crm}
        error={tried && rule.owners.length === 0 ? "Choose at least one user." : wrong("owners")}
        label={`${title}: owners`}
        onChange={(owners) => onChange({ ...rule, owners })}
        users={users}
      />
    </Card>
  );
}

interface TextsProps {
  label: string;
  help: string;
  error: string | undefined;
  value: string[];
  onChange: (value: string[]) => void;
}

/** Several words in one input; what is typed stays as it is while it is typed. */
function Texts({ label, help, error, value, onChange }: TextsProps) {
  const [typed, setTyped] = useState(value.join(", "));
  const meant = listed(typed).join(", ").toUpperCase() === value.join(", ").toUpperCase();
  return (
    <Field
      error={error}
      help={help}
      label={label}
      maxLength={2_000}
      onBlur={() => setTyped(value.join(", "))}
      onChange={(event) => {
        setTyped(event.target.value);
        onChange(listed(event.target.value));
      }}
      placeholder="Any"
      value={meant ? typed : value.join(", ")}
    />
  );
}

interface SmallProps {
  name: string;
  of: string;
  on: string;
  disabled?: boolean;
  onClick: () => void;
}

function Small({ name, of, on, disabled, onClick }: SmallProps) {
  return (
    <Button data-on={on} disabled={disabled} marginBottom="none" mobileWidth="auto" onClick={onClick} variant="subtle">
      {name}
      <Hidden> {of}</Hidden>
    </Button>
  );
}
