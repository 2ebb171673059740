import { Panel, Text } from "@bigcommerce/big-design";
import { useState } from "react";

import type { Terms } from "../api/terms";
import type { Connection } from "../api/types";
import { listed } from "../format";
import { Field } from "./Field";
import { SaveBar } from "./SaveBar";
import { useDraft } from "./useDraft";

const DIGITS = /^\d{1,32}$/;

interface Props {
  connection: Connection;
  terms: Terms;
  onSaved: (terms: Terms) => void;
}

/** Which storefronts of the store go to this account. */
export function Storefronts({ connection, terms, onSaved }: Props) {
  const [tried, setTried] = useState(false);
  const draft = useDraft({
    connectionId: connection.id,
    terms,
    read: (from) => from.channels.join(", "),
    change: (text) => ({ channels: listed(text) }),
    onSaved,
    check: (text) => {
      setTried(true);
      return wrong(text) === undefined;
    },
  });
  const channels = listed(draft.value);
  return (
    <Panel header="Storefronts">
      <Text>
        A store may sell through several storefronts and marketplaces, which BigCommerce calls channels. New orders and carts of
        the channels below go to {connection.label}; customers and products belong to the whole store and always go. What is in{" "}
        {connection.label} already goes on being updated.
      </Text>
      <Field
        error={tried ? wrong(draft.value) : undefined}
        help="The numbers of the channels, separated by commas; 1 is the storefront that every store begins with."
        label="Channels"
        maxLength={2_000}
        onChange={(event) => draft.set(event.target.value)}
        placeholder="All"
        value={draft.value}
      />
      <Text aria-live="polite">
        {channels.length
          ? `New orders and carts of ${channels.length === 1 ? "channel" : "channels"} ${channels.join(", ")} go to ${connection.label}; those of all others do not.`
          : `Empty means all: new orders and carts of every channel go to ${connection.label}.`}
      </Text>
      <SaveBar {...draft.bar} />
    </Panel>
  );
}

function wrong(text: string): string | undefined {
  const bad = listed(text).find((id) => !DIGITS.test(id));
  return bad && `“${bad}” is not the number of a channel.`;
}
