import styled from "styled-components";

import { Hidden } from "./layout";

const List = styled.ol`
  display: flex;
  flex-wrap: wrap;
  gap: ${({ theme }) => `${theme.spacing.xSmall} ${theme.spacing.xLarge}`};
  list-style: none;
  margin: 0 0 ${({ theme }) => theme.spacing.large};
  padding: 0;
`;

const Step = styled.li`
  align-items: center;
  color: ${({ theme }) => theme.colors.secondary60};
  display: flex;
  gap: ${({ theme }) => theme.spacing.xSmall};

  &[aria-current="step"] {
    color: ${({ theme }) => theme.colors.secondary70};
    font-weight: ${({ theme }) => theme.typography.fontWeight.semiBold};
  }
`;

const Circle = styled.span<{ $reached: boolean }>`
  background: ${({ theme, $reached }) => ($reached ? theme.colors.primary : theme.colors.secondary60)};
  border-radius: 50%;
  color: ${({ theme }) => theme.colors.white};
  flex: none;
  height: 1.5rem;
  text-align: center;
  width: 1.5rem;
`;

/** How far a task in steps has come. BigDesign's own stepper is too pale for WCAG AA, and a progress bar to readers. */
export function Steps({ label, steps, current }: { label: string; steps: string[]; current: number }) {
  return (
    <List aria-label={label}>
      {steps.map((step, index) => (
        <Step aria-current={index === current ? "step" : undefined} key={step}>
          <Circle $reached={index <= current} aria-hidden="true">
            {index < current ? "✓" : index + 1}
          </Circle>
          {step}
          {index < current && <Hidden> (done)</Hidden>}
        </Step>
      ))}
    </List>
  );
}
