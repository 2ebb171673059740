import { Table } from "@bigcommerce/big-design";
import type { ReactNode } from "react";
import styled from "styled-components";

import { useMedia } from "../live";
import { useStableColumns } from "./stableColumns";

export interface Column<T> {
  header: string;
  render: (item: T) => ReactNode;
  width?: number | string;
  align?: "right";
  /** On a narrow screen its header goes without saying. */
  isPlain?: boolean;
}

interface Props<T> {
  /** What is listed, in plural. */
  name: string;
  columns: Column<T>[];
  items: T[];
  keyOf: (item: T) => string | number;
}

const Cards = styled.ul`
  list-style: none;
  margin: 0;
  padding: 0;
`;

const Card = styled.li`
  border-bottom: 1px solid ${({ theme }) => theme.colors.secondary30};
  overflow-wrap: anywhere;
  padding: ${({ theme }) => theme.spacing.small} 0;
`;

const Line = styled.div`
  display: flex;
  flex-wrap: wrap;
  gap: ${({ theme }) => `0 ${theme.spacing.small}`};
  justify-content: space-between;
  margin-bottom: ${({ theme }) => theme.spacing.xxSmall};
`;

const Whole = styled.div`
  width: 100%;
`;

const Name = styled.span`
  color: ${({ theme }) => theme.colors.secondary60};
`;

/** Things as a table, or one below the other where a table has no room. */
export function Listing<T>(props: Props<T>) {
  return useMedia("(min-width: 800px)") ? <Wide {...props} /> : <Narrow {...props} />;
}

function Wide<T>({ name, columns, items, keyOf }: Props<T>) {
  const stable = useStableColumns<{ item: T }>(
    columns.map((column) => ({
      header: column.header,
      hash: column.header,
      width: column.width,
      align: column.align,
      render: ({ item }: { item: T }) => column.render(item),
    })),
  );
  return (
    <Table
      aria-label={name}
      columns={stable}
      items={items.map((item) => ({ id: keyOf(item), item }))}
    />
  );
}

function Narrow<T>({ name, columns, items, keyOf }: Props<T>) {
  return (
    <Cards aria-label={name}>
      {items.map((item) => (
        <Card key={keyOf(item)}>
          {columns.map((column) => {
            const value = column.render(item);
            if (value === null || value === undefined || value === "") return null;
            return (
              <Line key={column.header}>
                {!column.isPlain && <Name>{column.header}</Name>}
                {column.isPlain ? <Whole>{value}</Whole> : <span>{value}</span>}
              </Line>
            );
          })}
        </Card>
      ))}
    </Cards>
  );
}
