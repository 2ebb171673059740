import { Button, Panel, Text } from "@bigcommerce/big-design";
import { useState } from "react";
import styled from "styled-components";

import type { Connection } from "../api/types";
import { useApp } from "../context";
import { keep } from "../keep";
import { Copy } from "./Copy";
import { Announcement, Problem } from "./Feedback";
import { Row } from "./layout";
import { useAction } from "./useAction";

const Steps = styled.ol`
  margin: 0 0 ${({ theme }) => theme.spacing.medium};
  padding-left: 1.25rem;

  li {
    margin-bottom: ${({ theme }) => theme.spacing.xSmall};
  }
`;

/** The panel as a package that an administrator installs, and how. */
export function Package({ connection }: { connection: Connection }) {
  const { api } = useApp();
  const action = useAction();
  const [said, setSaid] = useState("");
  const { label } = connection;
  const download = () =>
    void action.run("download", async () => {
      keep(await api.panelPackage(connection.id), `storeline-${connection.vendor}.zip`);
      setSaid("Downloaded");
    });
  return (
    <Panel header={`The panel in ${label}`}>
      <Text>
        A package brings the order history into {label}’s records. It holds a key of this connection: hand it to your {label}{" "}
        administrator and to nobody else. After disconnecting and connecting again a fresh package is needed.
      </Text>
      {action.problem && <Problem onClose={action.clear} text={action.problem} />}
      <Row>
        <Button isLoading={action.busy !== ""} marginBottom="none" onClick={download}>
          Download the package
        </Button>
        <Announcement>{said}</Announcement>
      </Row>
      <Steps>
        <li>
          In {label}, open <strong>Admin</strong> → <strong>Module Loader</strong>, upload the package, then choose{" "}
          <strong>Install</strong>. Editions without a Module Loader upload, such as Sell Essentials, cannot take it.
        </li>
        <li>
          Open <strong>Admin</strong> → <strong>Content Security Policy Settings</strong> and add this host, so that {label} may
          show the panel:
        </li>
      </Steps>
      <Copy label="Host to add" text={window.location.origin} />
      <Steps start={3}>
        <li>
          Add the dashlet <strong>Order History</strong> to the dashboards of contacts, accounts, leads, opportunities and cases. Who
          may see a record there may see its orders.
        </li>
      </Steps>
    </Panel>
  );
}
