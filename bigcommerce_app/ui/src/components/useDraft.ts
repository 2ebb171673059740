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

interface Options<T> {
  connectionId: number;
  terms: Terms;
  read: (terms: Terms) => T;
  change: (value: T) => TermsChange;
  onSaved: (terms: Terms) => void;
  /** Whether it may be sent; shows what is wrong with it otherwise. */
  check?: (value: T) => boolean;
}

/** A part of an account's terms while a person edits it: kept here until it is saved. */
export function useDraft<T>({ connectionId, terms, read, change, onSaved, check = () => true }: Options<T>): Draft<T> {
  const { api } = useApp();
  const action = useAction();
  const start = read(terms);
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
        const saved = await api.changeTerms(connectionId, change(value));
        onSaved(saved);
        setValue(read(saved));
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
