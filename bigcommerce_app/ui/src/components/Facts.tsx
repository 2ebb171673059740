import type { ReactNode } from "react";
import styled from "styled-components";

export type Fact = [name: string, value: ReactNode];

const List = styled.dl`
  display: grid;
  gap: ${({ theme }) => `${theme.spacing.xSmall} ${theme.spacing.medium}`};
  grid-template-columns: minmax(6rem, max-content) minmax(0, 1fr);
  margin: 0 0 ${({ theme }) => theme.spacing.medium};

  @media (max-width: 479px) {
    grid-template-columns: minmax(0, 1fr);
    row-gap: 0;
  }

  dt {
    color: ${({ theme }) => theme.colors.secondary60};
  }

  dd {
    margin: 0;
    overflow-wrap: anywhere;

    @media (max-width: 479px) {
      margin-bottom: ${({ theme }) => theme.spacing.xSmall};
    }
  }
`;

/** What is known of one thing, line by line; what is empty is left out. */
export function Facts({ facts }: { facts: Fact[] }) {
  return (
    <List>
      {facts
        .filter(([, value]) => value)
        .flatMap(([name, value], index) => [<dt key={`${index} name`}>{name}</dt>, <dd key={`${index} value`}>{value}</dd>])}
    </List>
  );
}
