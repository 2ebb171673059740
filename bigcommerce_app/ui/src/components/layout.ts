import styled from "styled-components";

/** Things side by side, wrapping where there is no room; BigDesign's Flex stacks them on every phone. */
export const Row = styled.div<{ $align?: string; $justify?: string; $above?: boolean }>`
  align-items: ${({ $align }) => $align ?? "center"};
  display: flex;
  flex-wrap: wrap;
  gap: ${({ theme }) => theme.spacing.small};
  justify-content: ${({ $justify }) => $justify ?? "flex-start"};
  margin-bottom: ${({ theme }) => theme.spacing.medium};
  margin-top: ${({ theme, $above }) => ($above ? theme.spacing.small : 0)};

  && > button {
    margin-left: 0; /* BigDesign's own distance would come on top of the gap, also at the start of a line */
  }
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

/** A plain table of names and inputs. */
export const Grid = styled.table`
  border-collapse: collapse;
  margin: ${({ theme }) => theme.spacing.small} 0;
  width: 100%;

  caption {
    clip-path: inset(50%);
    height: 1px;
    overflow: hidden;
    position: absolute;
    white-space: nowrap;
    width: 1px;
  }

  th,
  td {
    border-bottom: 1px solid ${({ theme }) => theme.colors.secondary20};
    padding: ${({ theme }) => theme.spacing.xSmall};
    text-align: left;
    vertical-align: top;
  }

  thead th {
    color: ${({ theme }) => theme.colors.secondary60};
    font-weight: ${({ theme }) => theme.typography.fontWeight.regular};
  }

  tbody th {
    font-weight: ${({ theme }) => theme.typography.fontWeight.regular};
  }
`;
