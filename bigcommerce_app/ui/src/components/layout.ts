import styled from "styled-components";

/** Things side by side, wrapping where there is no room; BigDesign's Flex stacks them on every phone. */
export const Row = styled.div<{ $align?: string; $justify?: string }>`
  align-items: ${({ $align }) => $align ?? "center"};
  display: flex;
  flex-wrap: wrap;
  gap: ${({ theme }) => theme.spacing.small};
  justify-content: ${({ $justify }) => $justify ?? "flex-start"};
  margin-bottom: ${({ theme }) => theme.spacing.medium};
`;

/** Text for screen readers only. */
export const Hidden = styled.span`
  clip-path: inset(50%);
  height: 1px;
  overflow: hidden;
  position: absolute;
  white-space: nowrap;
  width: 1px;
`;
