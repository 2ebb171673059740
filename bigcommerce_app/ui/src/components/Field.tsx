import { Input, type InputProps } from "@bigcommerce/big-design";
import { type ReactNode, useId } from "react";
import styled from "styled-components";

const Box = styled.div`
  margin-bottom: ${({ theme }) => theme.spacing.medium};
  min-width: 0;
`;

const Name = styled.label`
  display: block;
  font-weight: ${({ theme }) => theme.typography.fontWeight.semiBold};
  margin-bottom: ${({ theme }) => theme.spacing.xxSmall};
`;

const Help = styled.div`
  color: ${({ theme }) => theme.colors.secondary60};
  font-size: 0.875rem;
  margin-bottom: ${({ theme }) => theme.spacing.xxSmall};
`;

const Wrong = styled.div`
  color: ${({ theme }) => theme.colors.danger60};
  margin-top: ${({ theme }) => theme.spacing.xxSmall};
`;

const Native = styled.select`
  background: ${({ theme }) => theme.colors.white};
  border: 1px solid ${({ theme }) => theme.colors.secondary50};
  border-radius: ${({ theme }) => theme.borderRadius.normal};
  color: inherit;
  font: inherit;
  max-width: 100%;
  min-height: 2.25rem;
  padding: 0 ${({ theme }) => theme.spacing.xSmall};
  width: 100%;

  &:focus-visible {
    border-color: ${({ theme }) => theme.colors.primary};
    outline: 3px solid ${({ theme }) => theme.colors.primary20};
  }

  &:disabled {
    background: ${({ theme }) => theme.colors.secondary10};
    color: ${({ theme }) => theme.colors.secondary60};
  }
`;

interface FieldProps extends Omit<InputProps, "description" | "label" | "error"> {
  label: string;
  help?: ReactNode;
  error?: string;
}

/** An input with its name, help and error, all tied to it for screen readers; BigDesign's does not tie the last two. */
export function Field({ label, help, error, required, ...rest }: FieldProps) {
  const id = useId();
  const about = [help && `${id}-help`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <Box>
      <Name htmlFor={id}>
        {label}
        {required === false && " (optional)"}
      </Name>
      {help && <Help id={`${id}-help`}>{help}</Help>}
      <Input
        {...rest}
        aria-describedby={about || undefined}
        aria-invalid={error ? true : undefined}
        error={error}
        id={id}
        required={required}
      />
      {error && <Wrong id={`${id}-error`}>{error}</Wrong>}
    </Box>
  );
}

interface ChoiceProps<T extends string | number> {
  label: string;
  /** Said, not shown: what surrounds it says it to the eye. */
  hidden?: boolean;
  value: T;
  options: { value: T; content: string }[];
  disabled?: boolean;
  describedBy?: string;
  /** How whoever moves the focus finds it, as `data-on`. */
  mark?: string;
  onChange: (value: T) => void;
}

/** The browser's own list: there may be fifty on a page, and every phone knows how to show it. */
export function Choice<T extends string | number>(props: ChoiceProps<T>) {
  const { label, hidden, value, options, disabled, describedBy, mark, onChange } = props;
  const id = useId();
  return (
    <div>
      {!hidden && <Name htmlFor={id}>{label}</Name>}
      <Native
        aria-describedby={describedBy}
        aria-label={hidden ? label : undefined}
        data-on={mark}
        disabled={disabled}
        id={id}
        onChange={(event) => {
          const chosen = options[event.target.selectedIndex];
          if (chosen) onChange(chosen.value);
        }}
        value={value}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.content}
          </option>
        ))}
      </Native>
    </div>
  );
}
