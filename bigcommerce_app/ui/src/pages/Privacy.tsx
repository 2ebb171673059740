import { Panel, Text } from "@bigcommerce/big-design";
import { useState } from "react";

import { Copy } from "../components/Copy";
import { Failure, Skeleton } from "../components/Feedback";
import { Numbers } from "../components/Numbers";
import { People } from "../components/People";
import { PrivacyRequests } from "../components/PrivacyRequests";
import { useLoaded } from "../components/useLoaded";
import { useApp } from "../context";

/** What Storeline holds about people: finding one, handing it over, erasing it, and how long the rest is kept. */
export function Privacy() {
  const [done, setDone] = useState(0);
  return (
    <>
      <Panel header="One person’s data">
        <Text>
          When somebody asks what is held about them, or wants it erased: find them by their e-mail address or name. Guests who
          ordered without an account are found, too.
        </Text>
        <People onDone={() => setDone((count) => count + 1)} />
      </Panel>
      <Retention />
      <PrivacyRequests key={done} />
    </>
  );
}

function Retention() {
  const { api, format } = useApp();
  const loaded = useLoaded("retention", api.retention);
  const kept = loaded.data;
  const days = (count: number) => (count ? format.duration(count * 86_400) : "No limit");
  return (
    <Panel header="How long things are kept">
      {!kept && (loaded.error ? <Failure error={loaded.error} retry={loaded.retry} /> : <Skeleton height="2.5rem" rows={3} />)}
      {kept && (
        <>
          <Numbers
            items={[
              ["What was sent and received, word by word", days(kept.payload_days)],
              ["The record of what went when", days(kept.retention_days)],
              ["Everything, after you uninstall Storeline", days(kept.uninstall_days)],
            ]}
          />
          <Text>
            Access to your store and your CRMs ends at the moment of uninstalling. Installing again within that time keeps
            everything.{" "}
            {kept.receipt_url && "At this address you can read afterwards what was deleted and when. Keep it: it works without an account."}
          </Text>
          {kept.receipt_url && <Copy label="Address of the receipt" text={kept.receipt_url} />}
        </>
      )}
    </Panel>
  );
}
