import type { ReactNode } from "react";
import styled from "styled-components";

const List = styled.dl`
  display: grid;
  gap: ${({ theme }) => theme.spacing.medium};
  grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr));
  margin: 0 0 ${({ theme }) => theme.spacing.medium};

  dt {
    color: ${({ theme }) => theme.colors.secondary60};
    font-size: 0.875rem;
  }

  dd {
    font-size: 1.25rem;
    margin: 0;
    overflow-wrap: anywhere;
  }
`;

/** Figures side by side, each under its name. */
export function Numbers({ items }: { items: [name: string, value: ReactNode][] }) {
  return (
    <List>
      {items.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </List>
  );
}
