/** How the server is doing: alerts, providers, queues, workers, Redis. */
import { useEffect, useState } from "preact/hooks";
import { useData } from "../../data/use-data.js";
import { Loaded } from "../../ui/parts.js";
import type { OrganizationSession } from "../session-props.js";
import { Alerts } from "./alerts.js";
import { Providers } from "./providers.js";
import { Queues, Server, Workers } from "./server.js";

const EVERY_MS = 5000;

export function SystemPage({ client }: OrganizationSession) {
  const [round, setRound] = useState(0);
  const diagnostics = useData(() => client.diagnostics(), [client, round]);
  // The next round begins some time after the answer, so a slow server is not asked faster than it answers.
  useEffect(() => {
    if (diagnostics.isLoading) return undefined;
    const timer = setInterval(() => !document.hidden && setRound((last) => last + 1), EVERY_MS);
    return () => clearInterval(timer);
  }, [diagnostics.isLoading]);
  return (
    <>
      <h1>System</h1>
      <Alerts client={client} round={round} />
      <Providers client={client} round={round} />
      <Loaded data={diagnostics}>
        {(system) => (
          <>
            <Queues queues={system.queues} />
            <Workers workers={system.workers} />
            <Server system={system} />
          </>
        )}
      </Loaded>
    </>
  );
}
