import { Button, Select } from "@bigcommerce/big-design";
import { useEffect, useRef } from "react";
import styled from "styled-components";

import { useApp } from "../context";
import { Row } from "./layout";

const SIZES = [25, 50, 100, 250].map((size) => ({ value: size, content: `${size} a page` }));

const Size = styled.div`
  width: 9.5rem;
`;

interface Props {
  /** What is listed, in plural. */
  things: string;
  page: number;
  pages?: number;
  /** How many fill a page; without it the API alone decides. */
  size?: number;
  total: number;
  /** How many are on this page. */
  shown: number;
  /** There are more than `total`. */
  more?: boolean;
  /** What the two buttons say, where "Newer" and "Older" make no sense. */
  turns?: [back: string, on: string];
  onPage: (page: number) => void;
  onSize?: (size: number) => void;
}

/** From page to page. BigDesign's own gives its menu button an attribute that ARIA does not allow there. */
export function Pages(props: Props) {
  const { things, page, size, total, shown, more = false, turns = ["Newer", "Older"], onPage, onSize } = props;
  const { format } = useApp();
  const first = firstShown(props);
  const end = first + shown - 1;
  const isLast = more ? shown < (size ?? shown) : end >= total;
  const older = useRef<HTMLButtonElement>(null);
  const newer = useRef<HTMLButtonElement>(null);
  const pressed = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    // A button that is disabled loses the focus to nothing: the other one leads on.
    if (pressed.current?.disabled) (pressed.current === older.current ? newer : older).current?.focus();
    pressed.current = null;
  }, [page]);
  const turn = (to: number, by: HTMLButtonElement | null) => {
    pressed.current = by;
    onPage(to);
  };
  return (
    <Row $above $justify="flex-end" aria-label={`Pages of ${things}`} as="nav">
      {onSize && (
        <Size>
          <Select
            aria-label={`How many ${things} on a page`}
            onOptionChange={(chosen) => chosen && onSize(chosen)}
            options={SIZES}
            value={size}
          />
        </Size>
      )}
      <span role="status">
        {shown > 0 && `${format.number(first)}–${format.number(end)} of `}
        {format.number(total)}
        {more && "+"}
      </span>
      <Button
        disabled={page <= 1}
        marginBottom="none"
        mobileWidth="auto"
        onClick={() => turn(page - 1, newer.current)}
        ref={newer}
        variant="secondary"
      >
        {turns[0]}
      </Button>
      <Button
        disabled={isLast}
        marginBottom="none"
        mobileWidth="auto"
        onClick={() => turn(page + 1, older.current)}
        ref={older}
        variant="secondary"
      >
        {turns[1]}
      </Button>
    </Row>
  );
}

/** The number of a page's first thing; a last page that is not full is counted from the end. */
function firstShown({ page, pages, size, total, shown }: Props): number {
  if (size) return (page - 1) * size + 1;
  return page < (pages ?? page) ? (page - 1) * shown + 1 : Math.max(1, total - shown + 1);
}
