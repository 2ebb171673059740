import { Box, H4, Switch, Text } from "@bigcommerce/big-design";
import { useId, useState } from "react";
import styled from "styled-components";

import type { Connection, Option } from "../api/types";
import { useApp } from "../context";
import { directionOf } from "../words";
import { Problem } from "./Feedback";
import { useAction } from "./useAction";
import { WithCode } from "./WithCode";

const Row = styled.div`
  align-items: flex-start;
  border-bottom: 1px solid ${({ theme }) => theme.colors.secondary20};
  display: grid;
  gap: ${({ theme }) => theme.spacing.medium};
  grid-template-columns: 1fr auto auto;
  padding: ${({ theme }) => theme.spacing.small} 0;
`;

const Saved = styled.span`
  color: ${({ theme }) => theme.colors.secondary60};
  min-width: 3.5rem;
  text-align: right;
`;

const Label = styled.label`
  cursor: pointer;
  font-weight: ${({ theme }) => theme.typography.fontWeight.semiBold};
`;

interface Props {
  connection: Connection;
  onChange: (connection: Connection) => void;
}

/** What is synced, by direction; each switch saves by itself and says so. */
export function Switches({ connection, onChange }: Props) {
  const directions = [...new Set(connection.options.map((option) => option.direction))];
  return (
    <>
      {directions.map((direction) => (
        <Box as="section" key={direction} marginBottom="medium">
          <H4 as="h3" marginBottom="none">
            {directionOf(direction, connection.label)}
          </H4>
          {connection.options
            .filter((option) => option.direction === direction)
            .map((option) => (
              <OneSwitch connection={connection} key={option.name} onChange={onChange} option={option} />
            ))}
        </Box>
      ))}
    </>
  );
}

function OneSwitch({ connection, option, onChange }: Props & { option: Option }) {
  const { api } = useApp();
  const action = useAction();
  const [wanted, setWanted] = useState<boolean>();
  const [saved, setSaved] = useState(false);
  const id = useId();

  const toggle = () => {
    if (action.busy) return; // not disabled meanwhile: that would lose the focus
    const enabled = !option.enabled;
    setSaved(false);
    setWanted(enabled);
    void action
      .run("save", async () => onChange(await api.change(connection.id, { switches: { [option.name]: enabled } })))
      .then((done) => {
        setWanted(undefined); // from now on what the server says, also if it refused
        setSaved(done);
      });
  };

  return (
    <>
      <Row>
        <div>
          <Label htmlFor={id}>{option.label}</Label>
          <Text color="secondary60" id={`${id}-help`} marginBottom="none">
            <WithCode text={option.help} />
          </Text>
        </div>
        <Saved aria-live="polite">{action.busy ? "Saving…" : saved ? "Saved" : ""}</Saved>
        <Switch
          aria-describedby={`${id}-help`}
          checked={wanted ?? option.enabled}
          id={id}
          onChange={toggle}
          role="switch"
        />
      </Row>
      {action.problem && <Problem onClose={action.clear} text={action.problem} />}
    </>
  );
}
