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
  const round = useRound(EVERY_MS);
  const diagnostics = useData(() => client.diagnostics(), [client, round]);
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

/** Counts up while the tab is shown. */
function useRound(ms: number): number {
  const [round, setRound] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => !document.hidden && setRound((last) => last + 1), ms);
    return () => clearInterval(timer);
  }, [ms]);
  return round;
}
