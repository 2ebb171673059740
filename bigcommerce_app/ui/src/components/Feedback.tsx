import { Button, Flex, InlineMessage, Link, StatusMessage, Text } from "@bigcommerce/big-design";
import type { ReactNode } from "react";
import styled, { keyframes } from "styled-components";

import type { ApiError } from "../api/client";

const breathe = keyframes`
  50% { opacity: 0.5; }
`;

const Bar = styled.div<{ $height: string; $width: string }>`
  animation: ${breathe} 1.6s ease-in-out infinite;
  background: ${({ theme }) => theme.colors.secondary20};
  border-radius: ${({ theme }) => theme.borderRadius.normal};
  height: ${({ $height }) => $height};
  margin-bottom: ${({ theme }) => theme.spacing.small};
  max-width: 100%;
  width: ${({ $width }) => $width};

  @media (prefers-reduced-motion: reduce) {
    animation: none;
  }
`;

export const Hidden = styled.span`
  clip-path: inset(50%);
  height: 1px;
  overflow: hidden;
  position: absolute;
  white-space: nowrap;
  width: 1px;
`;

/** What stands where content will be, about as tall as it, so that nothing jumps. */
export function Skeleton({ rows = 3, height = "1.25rem" }: { rows?: number; height?: string }) {
  return (
    <div role="status">
      <Hidden>Loading…</Hidden>
      {Array.from({ length: rows }, (_, row) => (
        <Bar $height={height} $width={row % 3 === 2 ? "60%" : "100%"} aria-hidden="true" key={row} />
      ))}
    </div>
  );
}

/** A load failed and there is nothing older to show. */
export function Failure({ error, retry }: { error: ApiError; retry: () => void }) {
  return (
    <div role="alert">
      <StatusMessage
        actions={
          <Button onClick={retry} variant="secondary">
            Try again
          </Button>
        }
        heading="This could not be loaded"
        message={error.message}
        variant="server-error"
      />
    </div>
  );
}

/** A load failed; what is on screen is from before. */
export function Outdated({ error }: { error: ApiError }) {
  return (
    <InlineMessage
      marginBottom="medium"
      messages={[{ text: `${error.message} What you see may be out of date; trying again by itself.` }]}
      type="warning"
    />
  );
}

/** An action failed. */
export function Problem({ text, onClose }: { text: string; onClose?: () => void }) {
  return <InlineMessage marginBottom="small" messages={[{ text }]} onClose={onClose} type="error" />;
}

/** What screen readers hear when something changed that eyes see. */
export function Announcement({ children }: { children: ReactNode }) {
  return (
    <Text as="span" color="secondary60" marginBottom="none">
      <span aria-live="polite">{children}</span>
    </Text>
  );
}

export function External({ href, children }: { href: string; children: ReactNode }) {
  return (
    <Link external href={href} rel="noopener noreferrer" target="_blank">
      {children}
      <Hidden> (opens in a new tab)</Hidden>
    </Link>
  );
}

export function Buttons({ children }: { children: ReactNode }) {
  return (
    <Flex flexGap="0.75rem" flexWrap="wrap" marginTop="medium">
      {children}
    </Flex>
  );
}
