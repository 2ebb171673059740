import { Text } from "@bigcommerce/big-design";

import type { Vendor } from "../api/types";
import { useApp } from "../context";
import { plural } from "../format";

/** What became of an account that was connected before; nothing for one that never was. */
export function Former({ vendor }: { vendor: Vendor }) {
  const { format } = useApp();
  if (!vendor.former) return null;
  const { account_name: name, waiting } = vendor.former;
  const waits = waiting
    ? `${format.number(waiting)} ${plural(waiting, "record waits", "records wait")} and will be sent after you have connected again.`
    : "Nothing of it waits.";
  return (
    <Text>
      {name ? `“${name}” was connected before.` : "This was connected before."} {waits} The same account goes on
      where it stopped, without doubles, and gets what changes in the store until then; another one starts anew.
    </Text>
  );
}
