import { useId, useState } from "react";
import styled from "styled-components";

import { useApp } from "../context";

const Box = styled.div`
  margin-bottom: ${({ theme }) => theme.spacing.medium};
  max-width: 36rem;
`;

const Name = styled.label`
  display: block;
  font-weight: ${({ theme }) => theme.typography.fontWeight.semiBold};
`;

const Inputs = styled.div`
  align-items: center;
  display: flex;
  gap: ${({ theme }) => theme.spacing.medium};
`;

const Slider = styled.input`
  accent-color: ${({ theme }) => theme.colors.primary};
  flex: 1;
  height: 2rem;
  min-width: 0;
`;

const Exactly = styled.input`
  border: 1px solid ${({ theme }) => theme.colors.secondary50};
  border-radius: ${({ theme }) => theme.borderRadius.normal};
  font: inherit;
  padding: ${({ theme }) => theme.spacing.xxSmall};
  text-align: right;
  width: 4.5rem;
`;

const Help = styled.div`
  color: ${({ theme }) => theme.colors.secondary60};
`;

interface Props {
  crm: string;
  share: number;
  maximum: number | null;
  onChange: (percent: number) => void;
}

/** Percent of an account's calls, by hand or as a number. */
export function ShareSlider({ crm, share, maximum, onChange }: Props) {
  const { format } = useApp();
  const id = useId();
  const [typed, setTyped] = useState<string>(); // kept as it is while it is being typed
  const type = (text: string) => {
    setTyped(text);
    if (/^([1-9]\d?|100)$/.test(text)) onChange(Number(text));
  };
  const input = { "aria-describedby": `${id}-help`, max: 100, min: 1 };
  return (
    <Box>
      <Name htmlFor={id}>Storeline may use</Name>
      <Inputs>
        <Slider
          {...input}
          aria-valuetext={`${share} percent`}
          id={id}
          onChange={(event) => onChange(Number(event.target.value))}
          type="range"
          value={share}
        />
        <Exactly
          {...input}
          aria-label="Storeline may use, in percent"
          onBlur={() => setTyped(undefined)}
          onChange={(event) => type(event.target.value)}
          type="number"
          value={typed ?? share}
        />
        %
      </Inputs>
      <Help aria-live="polite" id={`${id}-help`}>
        {maximum === null
          ? `How many calls ${crm} allows is not known yet, so this holds from the moment it is.`
          : `At most ${format.number(Math.floor((maximum * share) / 100))} of ${format.number(maximum)} calls in any 24 hours; the rest is left to others.`}
      </Help>
    </Box>
  );
}
