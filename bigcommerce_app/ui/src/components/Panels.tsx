import { Panel, Text } from "@bigcommerce/big-design";

import type { Connection } from "../api/types";
import { Package } from "./Package";
import { Passes } from "./Passes";

/** How our panel gets into the CRM's records, and who may open it there. */
export function Panels({ connection }: { connection: Connection }) {
  if (connection.panel === "passes") return <Passes connection={connection} />;
  if (connection.panel === "package") return <Package connection={connection} />;
  return (
    <Panel header="Panel">
      <Text marginBottom="none">
        The order history beside your records is a part of the Storeline app in {connection.label}. Who may use that app there may
        open the panel; your {connection.label} administrator decides it there, and puts the panel on the page layouts.
      </Text>
    </Panel>
  );
}
