import { Panel, Text } from "@bigcommerce/big-design";

import { Copy } from "./Copy";

/** Where the CRM tells us of its changes, for the CRMs in which an administrator may have to enter it. */
export function HookAddress({ address, label }: { address: string; label: string }) {
  return (
    <Panel header={`Notices from ${label}`}>
      <Text>
        {label} tells Storeline at this address that something was changed there. Storeline enters it by itself where it may.
        Where it may not, the card under Connections says so, and your {label} administrator enters it. Treat it like a
        password: who knows it can make Storeline look something up again, and no more. Disconnecting ends it.
      </Text>
      <Copy label="Address" text={address} />
    </Panel>
  );
}
