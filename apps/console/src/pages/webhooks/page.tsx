/** The endpoints that get events, how they are doing, and the deliveries of all requests. */
import { useState } from "preact/hooks";
import { useData } from "../../data/use-data.js";
import { Empty, Loaded, Section } from "../../ui/parts.js";
import type { OrganizationSession } from "../session-props.js";
import { AddEndpoint } from "./add-endpoint.js";
import { Deliveries } from "./deliveries.js";
import { Endpoint } from "./endpoint.js";

export function WebhooksPage({ client, feed, may }: OrganizationSession) {
  const endpoints = useData(() => client.webhookEndpoints.list(), [client]);
  const [secret, setSecret] = useState<string | null>(null);
  return (
    <>
      <h1>Webhooks</h1>
      {secret === null ? null : (
        <p class="notice" role="status">
          Copy the signing secret now. It is not shown again: <code>{secret}</code>{" "}
          <button type="button" onClick={() => setSecret(null)}>
            Hide
          </button>
        </p>
      )}
      <Section title="Endpoints">
        <Loaded data={endpoints}>
          {(list) =>
            list.length === 0 ? (
              <Empty>No endpoint gets events. The webhook_url of a call works without one.</Empty>
            ) : (
              <ul class="cards">
                {list.map((endpoint) => (
                  <li key={endpoint.id}>
                    <Endpoint
                      {...{ client, endpoint }}
                      mayChange={may("manage")}
                      onChanged={endpoints.reload}
                      onSecret={setSecret}
                    />
                  </li>
                ))}
              </ul>
            )
          }
        </Loaded>
        {may("manage") ? <AddEndpoint client={client} onAdded={endpoints.reload} onSecret={setSecret} /> : null}
      </Section>
      <Deliveries client={client} feed={feed} endpoints={endpoints.value ?? []} mayChange={may("manage")} />
    </>
  );
}
