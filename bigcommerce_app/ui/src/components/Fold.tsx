import type { ReactNode } from "react";
import styled from "styled-components";

const Details = styled.details`
  border-top: 1px solid ${({ theme }) => theme.colors.secondary30};
  padding: ${({ theme }) => theme.spacing.small} 0;

  summary {
    cursor: pointer;
    padding: ${({ theme }) => theme.spacing.xxSmall} 0;
  }
`;

const Name = styled.h3`
  display: inline;
  font-size: 1rem;
  font-weight: ${({ theme }) => theme.typography.fontWeight.semiBold};
  margin: 0;
`;

const Note = styled.span`
  color: ${({ theme }) => theme.colors.secondary60};
`;

interface Props {
  name: string;
  /** What it holds, said while it is shut. */
  note: string;
  isOpen?: boolean;
  children: ReactNode;
}

/** A part of a page that can be folded away. */
export function Fold({ name, note, isOpen = false, children }: Props) {
  return (
    <Details open={isOpen}>
      <summary>
        <Name>{name}</Name> {note && <Note>· {note}</Note>}
      </summary>
      {children}
    </Details>
  );
}
