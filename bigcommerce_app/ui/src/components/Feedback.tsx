import { Button, H2, InlineMessage, Link, StatusMessage, type StatusMessageProps, Text } from "@bigcommerce/big-design";
import type { ReactNode } from "react";
import styled, { keyframes } from "styled-components";

import type { ApiError } from "../api/client";
import { Hidden, Row } from "./layout";

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

// Over the page instead of in it: what comes and goes by itself must not move what is being read.
const Toast = styled.div`
  bottom: ${({ theme }) => theme.spacing.medium};
  left: 50%;
  max-width: 40rem;
  position: fixed;
  transform: translateX(-50%);
  width: calc(100% - 2rem);
  z-index: ${({ theme }) => theme.zIndex.modalBackdrop + 1};
`;

const Centred = styled.div`
  text-align: center;
`;

const Underlined = styled(Link)`
  text-decoration: underline;
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

/** Nothing to show, and why; the heading is of the level that a page's parts have. */
export function Status({ heading, ...rest }: StatusMessageProps & { heading: string }) {
  return (
    <Centred>
      <H2 marginBottom="none" marginTop="medium">
        {heading}
      </H2>
      <StatusMessage {...rest} />
    </Centred>
  );
}

/** A load failed and there is nothing older to show. */
export function Failure({ error, retry }: { error: ApiError; retry: () => void }) {
  return (
    <div role="alert">
      <Status
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
    <Toast>
      <InlineMessage
        messages={[{ text: `${error.message} What you see may be out of date; trying again by itself.` }]}
        type="warning"
      />
    </Toast>
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
    <Underlined external href={href} rel="noopener noreferrer" target="_blank">
      {children}
      <Hidden> (opens in a new tab)</Hidden>
    </Underlined>
  );
}

export function Buttons({ children }: { children: ReactNode }) {
  return <Row>{children}</Row>;
}
