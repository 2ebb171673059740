import styled from "styled-components";

const Track = styled.div`
  background: ${({ theme }) => theme.colors.secondary20};
  border-radius: ${({ theme }) => theme.borderRadius.normal};
  height: 0.75rem;
  margin-bottom: ${({ theme }) => theme.spacing.xSmall};
  overflow: hidden;
`;

const Done = styled.div`
  background: ${({ theme }) => theme.colors.primary};
  height: 100%;
  min-width: 2px;
  transition: width 0.4s;

  @media (prefers-reduced-motion: reduce) {
    transition: none;
  }
`;

/** How far something is. BigDesign's own has no name for screen readers. */
export function Progress({ name, percent }: { name: string; percent: number }) {
  const shown = Math.min(100, Math.max(0, percent));
  return (
    <Track
      aria-label={name}
      aria-valuemax={100}
      aria-valuemin={0}
      aria-valuenow={Math.round(shown)}
      role="progressbar"
    >
      <Done style={{ width: `${shown}%` }} />
    </Track>
  );
}
