import { H3, Panel, Text } from "@bigcommerce/big-design";

import { GoTo } from "../components/Navigation";

/** How to help oneself, and what to tell support. */
export function Help() {
  return (
    <Panel header="Help">
      <H3>Something did not arrive</H3>
      <Text>
        Open <GoTo path="/deliveries">Activity</GoTo> and search for the order number or the customer’s name. Each line
        says what happened; open it for the cause, what to do and who can. “Failed” means that a person is needed;
        everything else heals by itself. <GoTo path="/problems">Problems</GoTo> puts together what failed for the same reason:
        mend the cause, or correct the value of a single record, and press Replay. Nothing is ever written twice.
      </Text>
      <H3>Whether both sides agree</H3>
      <Text>
        <GoTo path="/money">Money</GoTo> adds up your orders on both sides, day by day. Every night the last week is compared
        anew and what differs is repaired; a difference always names its orders.
      </Text>
      <H3>Orders from before</H3>
      <Text>
        <GoTo path="/history">History</GoTo> brings customers, products and orders from before you connected. It counts first, goes
        behind whatever happens now, and can be paused.
      </Text>
      <H3>Limits of your CRM</H3>
      <Text>
        Under Connections, Settings, Limits you say how much of your CRM’s calls Storeline may use. When they become scarce, orders
        still go first.
      </Text>
      <H3>The CRM has to be connected again</H3>
      <Text>
        When its administrator revokes the access, the card under <GoTo path="/connections">Connections</GoTo> says
        “Reconnect”. What changes in the store meanwhile is collected and sent afterwards.
      </Text>
      <H3>Pausing</H3>
      <Text>A paused connection goes on collecting; nothing is lost. Resume sends what has gathered.</Text>
      <H3>Edits in the CRM, and edits on both sides</H3>
      <Text>
        What people edit in the CRM goes back to the store where its switch is on (Connections, Settings). When both sides changed
        the same field, the rules under Who wins decide; where they leave it to you, both values wait under{" "}
        <GoTo path="/conflicts">Conflicts</GoTo> and nothing is overwritten until you choose.
      </Text>
      <H3>A person asks for their data, or to be forgotten</H3>
      <Text>
        <GoTo path="/privacy">Privacy</GoTo> hands over or erases what Storeline holds about one person.
      </Text>
      <H3>Asking support</H3>
      <Text>
        Open the delivery under Activity and send us its correlation id. With it we find every step, without needing your
        data.
      </Text>
    </Panel>
  );
}
