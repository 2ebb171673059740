import styled from "styled-components";

/** A button that reads as a part of its sentence. */
export const Pressable = styled.button.attrs({ type: "button" })`
  background: none;
  border: 0;
  color: ${({ theme }) => theme.colors.primary};
  cursor: pointer;
  font: inherit;
  padding: 0;
  text-align: inherit;
  text-decoration: underline;

  &:focus-visible {
    outline: 3px solid ${({ theme }) => theme.colors.primary30};
  }
`;
