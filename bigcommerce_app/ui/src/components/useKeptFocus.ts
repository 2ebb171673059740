import { type RefObject, useCallback, useRef } from "react";

/**
 * A place where the focus goes on when the button that had it is disabled or gone after an action. Give the place a
 * tabIndex of -1 and call `keep` when the action is over.
 */
export function useKeptFocus<E extends HTMLElement>(): { place: RefObject<E | null>; keep: () => void } {
  const place = useRef<E>(null);
  const keep = useCallback(() => {
    // After React has drawn what the action changed.
    window.setTimeout(() => document.activeElement === document.body && place.current?.focus());
  }, []);
  return { place, keep };
}
