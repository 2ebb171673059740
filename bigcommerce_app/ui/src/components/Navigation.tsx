import { Link } from "@bigcommerce/big-design";
import type { MouseEvent, ReactNode } from "react";
import styled from "styled-components";

import { useApp } from "../context";

export interface Destination {
  path: string;
  title: string;
  current: boolean;
  count?: number;
}

const Bar = styled.nav`
  border-bottom: 1px solid ${({ theme }) => theme.colors.secondary30};
  display: flex;
  flex-wrap: wrap;
  margin-bottom: ${({ theme }) => theme.spacing.large};
`;

const Tab = styled.a`
  border-bottom: 3px solid transparent;
  color: ${({ theme }) => theme.colors.primary};
  padding: ${({ theme }) => `${theme.spacing.small} ${theme.spacing.medium}`};
  text-decoration: none;

  &:hover {
    background: ${({ theme }) => theme.colors.primary10};
  }

  &:focus-visible {
    outline: 3px solid ${({ theme }) => theme.colors.primary30};
    outline-offset: -3px;
  }

  &[aria-current="page"] {
    border-bottom-color: ${({ theme }) => theme.colors.primary};
    color: ${({ theme }) => theme.colors.secondary70};
    font-weight: ${({ theme }) => theme.typography.fontWeight.semiBold};
  }
`;

const Count = styled.span`
  background: ${({ theme }) => theme.colors.danger50};
  border-radius: 1rem;
  color: ${({ theme }) => theme.colors.white};
  font-size: 0.75rem;
  font-weight: 600;
  margin-left: 0.5rem;
  padding: 0.125rem 0.5rem;
`;

/** The screens; ordinary links, so that every way of opening one works. */
export function Navigation({ destinations }: { destinations: Destination[] }) {
  const { go } = useApp();
  return (
    <Bar aria-label="Storeline">
      {destinations.map((to) => (
        <Tab
          aria-current={to.current ? "page" : undefined}
          href={`#${to.path}`}
          key={to.path}
          onClick={follow(() => go(to.path))}
        >
          {to.title}
          {to.count ? <Count>{to.count > 999 ? "999+" : to.count} failed</Count> : null}
        </Tab>
      ))}
    </Bar>
  );
}

/** A link to one of our screens. */
export function GoTo({ path, children }: { path: string; children: ReactNode }) {
  const { go } = useApp();
  return (
    <Link href={`#${path}`} onClick={follow(() => go(path))}>
      {children}
    </Link>
  );
}

function follow(go: () => void) {
  return (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a new tab or window
    event.preventDefault();
    go();
  };
}
