import { Button } from "@bigcommerce/big-design";
import { useId, useState } from "react";
import styled from "styled-components";

import type { CrmUser } from "../api/terms";
import { Announcement } from "./Feedback";
import { Field } from "./Field";
import { Hidden, Row } from "./layout";

const SHOWN = 8; // matches at a time

const List = styled.ol`
  display: flex;
  flex-wrap: wrap;
  gap: ${({ theme }) => theme.spacing.xSmall};
  list-style: none;
  margin: 0 0 ${({ theme }) => theme.spacing.small};
  padding: 0;
`;

const Chip = styled.li`
  align-items: center;
  border: 1px solid ${({ theme }) => theme.colors.secondary30};
  border-radius: ${({ theme }) => theme.borderRadius.normal};
  display: flex;
  gap: ${({ theme }) => theme.spacing.xxSmall};
  overflow-wrap: anywhere;
  padding-left: ${({ theme }) => theme.spacing.xSmall};
`;

const Group = styled.div`
  min-width: 0;
`;

const Name = styled.div`
  font-weight: ${({ theme }) => theme.typography.fontWeight.semiBold};
  margin-bottom: ${({ theme }) => theme.spacing.xxSmall};
`;

interface Props {
  label: string;
  crm: string;
  /** Undefined while they are loaded, or where they could not be. */
  users: CrmUser[] | undefined;
  chosen: string[];
  error?: string;
  /** What stands above them; else that they are owners. */
  heading?: string;
  /** What choosing somebody does. */
  verb?: string;
  onChange: (chosen: string[]) => void;
}

/** Users of the CRM, in their order; found by typing a part of their name. */
export function UserPicker({ label, crm, users, chosen, error, heading, verb = "Add", onChange }: Props) {
  const id = useId();
  const [text, setText] = useState("");
  const others = (users ?? []).filter((user) => !chosen.includes(user.id));
  const found = others.filter((user) => matches(user, text));
  const shown = text || others.length <= SHOWN ? found.slice(0, SHOWN) : [];
  const add = (user: CrmUser) => {
    onChange([...chosen, user.id]);
    setText("");
    document.getElementById(id)?.querySelector("input")?.focus();
  };
  return (
    <Group aria-label={label} id={id} role="group">
      <Name>{heading ?? (chosen.length > 1 ? "Owners, who take turns" : "Owner")}</Name>
      {chosen.length > 0 && (
        <List>
          {chosen.map((userId) => (
            <Chip key={userId}>
              {users?.find((user) => user.id === userId)?.name ?? userId}
              <Button
                marginBottom="none"
                mobileWidth="auto"
                onClick={() => {
                  onChange(chosen.filter((one) => one !== userId));
                  document.getElementById(id)?.querySelector("input")?.focus();
                }}
                variant="subtle"
              >
                Remove<Hidden> {users?.find((user) => user.id === userId)?.name ?? userId}</Hidden>
              </Button>
            </Chip>
          ))}
        </List>
      )}
      <Field
        error={error}
        label={`Search users of ${crm}`}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter") return;
          event.preventDefault();
          if (text && found[0]) add(found[0]);
        }}
        placeholder="Name or e-mail"
        type="search"
        value={text}
      />
      <Row>
        {shown.map((user) => (
          <Button key={user.id} marginBottom="none" mobileWidth="auto" onClick={() => add(user)} variant="secondary">
            <Hidden>{verb} </Hidden>
            {user.name}
          </Button>
        ))}
        <Announcement>{said(users, text, found.length, shown.length)}</Announcement>
      </Row>
    </Group>
  );
}

function matches(user: CrmUser, text: string): boolean {
  const wanted = text.trim().toLocaleLowerCase();
  return `${user.name} ${user.email} ${user.id}`.toLocaleLowerCase().includes(wanted);
}

function said(users: CrmUser[] | undefined, text: string, found: number, shown: number): string {
  if (!users) return "";
  if (text && found === 0) return "Nobody matches.";
  if (shown === 0) return text ? "" : "Type a part of a name to find somebody.";
  return found > shown ? `${shown} of ${found} are shown; type more to see others.` : "";
}
