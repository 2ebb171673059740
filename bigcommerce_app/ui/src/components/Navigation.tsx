import { Link } from "@bigcommerce/big-design";
import { type MouseEvent, type ReactNode, useEffect, useRef } from "react";
import styled from "styled-components";

import { useApp } from "../context";

export interface Destination {
  path: string;
  title: string;
  current: boolean;
  count?: number;
  /** What there are so many of. */
  counted?: string;
}

const Bar = styled.nav<{ $known: boolean; $wraps: boolean }>`
  border-bottom: 1px solid ${({ theme }) => theme.colors.secondary30};
  display: flex;
  flex-wrap: ${({ $wraps }) => ($wraps ? "wrap" : "nowrap")};
  min-height: 3.25rem;
  overflow-x: ${({ $known }) => ($known ? "auto" : "hidden")}; /* what scrolls must have something to reach by keyboard */
  margin-bottom: ${({ theme }) => theme.spacing.large};
  position: relative; /* what is hidden inside is cut off here, too */

  > * {
    visibility: ${({ $known }) => ($known ? "visible" : "hidden")}; /* which there are is not known yet */
  }
`;

const Tab = styled.a`
  border-bottom: 3px solid transparent;
  color: ${({ theme }) => theme.colors.primary};
  padding: ${({ theme }) => `${theme.spacing.small} ${theme.spacing.medium}`};
  text-decoration: none;
  white-space: nowrap;

  @media (max-width: 719px) {
    padding: ${({ theme }) => `${theme.spacing.small} 0.3rem`};
  }

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

const Underlined = styled(Link)`
  overflow-wrap: anywhere;
  text-decoration: underline;
`;

const Count = styled.span`
  background: ${({ theme }) => theme.colors.danger50};
  border-radius: 1rem;
  color: ${({ theme }) => theme.colors.white};
  font-size: 0.75rem;
  font-weight: 600;
  margin-left: 0.5rem;
  padding: 0.125rem 0.5rem;

  @media (max-width: 479px) {
    margin-left: 0.25rem;

    span {
      clip-path: inset(50%);
      position: absolute;
    }
  }
`;

interface Props {
  destinations: Destination[];
  known: boolean;
  name?: string;
  /** On several lines where one has no room; else they scroll, and nothing below ever moves. */
  wraps?: boolean;
}

/** The screens; ordinary links, so that every way of opening one works. */
export function Navigation({ destinations, known, name = "Storeline", wraps = false }: Props) {
  const { go } = useApp();
  const bar = useRef<HTMLElement>(null);
  const current = destinations.find((to) => to.current)?.path;
  useEffect(() => {
    const tab = bar.current?.querySelector<HTMLElement>('[aria-current="page"]');
    if (bar.current && tab) bar.current.scrollLeft = tab.offsetLeft - (bar.current.clientWidth - tab.offsetWidth) / 2;
  }, [current]);
  return (
    <Bar $known={known} $wraps={wraps} aria-label={name} ref={bar}>
      {destinations.map((to) => (
        <Tab
          aria-current={to.current ? "page" : undefined}
          href={`#${to.path}`}
          key={to.path}
          onClick={follow(() => go(to.path))}
        >
          {to.title}
          {to.count ? (
            <Count>
              {to.count > 999 ? "999+" : to.count} <span>{to.counted}</span>
            </Count>
          ) : null}
        </Tab>
      ))}
    </Bar>
  );
}

/** A link to one of our screens. */
export function GoTo({ path, children }: { path: string; children: ReactNode }) {
  const { go } = useApp();
  return (
    <Underlined href={`#${path}`} onClick={follow(() => go(path))}>
      {children}
    </Underlined>
  );
}

function follow(go: () => void) {
  return (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a new tab or window
    event.preventDefault();
    go();
  };
}
