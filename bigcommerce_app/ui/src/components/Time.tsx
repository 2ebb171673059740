import { useApp } from "../context";

/** How long ago; the exact time on hover and for machines. */
export function Time({ at, now }: { at: string; now: number }) {
  const { format } = useApp();
  return (
    <time dateTime={at} title={format.exact(at)}>
      {format.ago(at, now)}
    </time>
  );
}
