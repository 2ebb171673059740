import type { TableColumn } from "@bigcommerce/big-design";
import { useRef } from "react";

/**
 * BigDesign's table takes `render` for a component. One made anew at every turn would build every cell anew, and whatever
 * has the focus in a row would lose it with each refresh: so each column keeps one function, which does as the latest says.
 */
export function useStableColumns<T>(columns: TableColumn<T>[]): TableColumn<T>[] {
  const latest = useRef(columns);
  latest.current = columns;
  const kept = useRef<Record<string, TableColumn<T>["render"]>>({});
  return columns.map((column) => {
    const render = (item: T) => latest.current.find((one) => one.hash === column.hash)?.render(item);
    return { ...column, render: (kept.current[column.hash] ??= render) };
  });
}
