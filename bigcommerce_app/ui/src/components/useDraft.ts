import { useState } from "react";

import type { Terms, TermsChange } from "../api/terms";
import { useApp } from "../context";
import { type Action, useAction } from "./useAction";

export interface Draft<T> {
  value: T;
  set: (value: T) => void;
  /** What SaveBar needs. */
  bar: { action: Action; isChanged: boolean; isSaved: boolean; onSave: () => void; onDiscard: () => void };
  fields: Record<string, string>;
}

/** A part of an account's terms while a person edits it: kept here until it is saved. */
export function useDraft<T>(
  connectionId: number,
  start: T,
  change: (value: T) => TermsChange,
  onSaved: (terms: Terms) => void,
  check: (value: T) => boolean = () => true,
): Draft<T> {
  const { api } = useApp();
  const action = useAction();
  const [value, setValue] = useState(start);
  const [isSaved, setSaved] = useState(false);
  const isChanged = JSON.stringify(value) !== JSON.stringify(start);
  const set = (next: T) => {
    setValue(next);
    setSaved(false);
  };
  const onSave = () => {
    if (!check(value)) return focusOnWrong();
    void action
      .run("save", async () => {
        onSaved(await api.changeTerms(connectionId, change(value)));
        setSaved(true);
      })
      .then((done) => !done && focusOnWrong());
  };
  const onDiscard = () => {
    action.clear();
    set(start);
  };
  return { value, set, bar: { action, isChanged, isSaved, onSave, onDiscard }, fields: action.fields };
}

/** Once the errors are shown. */
function focusOnWrong(): void {
  window.setTimeout(() => document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
}
