/** The deliveries of all requests. */
import type { Client, WebhookEndpoint } from "@visgate_ai/client";
import { useState } from "preact/hooks";
import type { Feed } from "../../data/feed.js";
import { useData } from "../../data/use-data.js";
import { useEvents } from "../../data/use-events.js";
import { linkTo } from "../../route.js";
import { Empty, Loaded, Section, Select, Table, Time } from "../../ui/parts.js";
import { Resend } from "../../ui/resend.js";

/** An event has mostly been delivered by then. */
const SENT_AFTER_MS = 1500;

interface DeliveriesProps {
  client: Client;
  feed: Feed;
  endpoints: readonly WebhookEndpoint[];
  mayChange: boolean;
}

export function Deliveries({ client, feed, endpoints, mayChange }: DeliveriesProps) {
  const [state, setState] = useState("");
  const [endpointId, setEndpointId] = useState("");
  const [cursor, setCursor] = useState<string | null>(null);
  const data = useData(
    () =>
      client.deliveries.list({
        ...(state === "" ? {} : { state: state as "pending" }),
        ...(endpointId === "" ? {} : { endpointId }),
        ...(cursor === null ? {} : { cursor }),
        limit: 50,
      }),
    [client, state, endpointId, cursor],
  );
  useEvents(feed, data.reload, { of: () => true, afterMs: SENT_AFTER_MS });
  const filter = (set: (value: string) => void) => (value: string) => {
    setCursor(null);
    set(value);
  };
  return (
    <Section title="Deliveries">
      <div class="filters">
        <Select
          label="State"
          value={state}
          options={["", "pending", "delivered", "abandoned"]}
          onChange={filter(setState)}
        />
        <Select
          label="Endpoint"
          value={endpointId}
          options={[["", "All"], ...endpoints.map(({ id, url }) => [id, url] as const)]}
          onChange={filter(setEndpointId)}
        />
      </div>
      <Loaded data={data}>
        {({ deliveries, nextCursor }) =>
          deliveries.length === 0 ? (
            <Empty>There are no such deliveries.</Empty>
          ) : (
            <>
              <Table
                caption="Deliveries"
                head={["Time", "Event", "Receiver", "State", "Attempts", "Last answer", "Request", ""]}
                numbers={[4]}
                rows={deliveries.map((delivery) => ({
                  key: delivery.id,
                  cells: [
                    <Time key="at" at={delivery.createdAt} isShort />,
                    delivery.type,
                    <span key="url" class="url">
                      {delivery.url ?? "removed"}
                    </span>,
                    <span key="state" class={`status ${delivery.state}`}>
                      {delivery.state}
                    </span>,
                    delivery.attempts.length,
                    delivery.attempts.at(-1)?.httpStatus ?? delivery.attempts.at(-1)?.error ?? "–",
                    delivery.requestId === null ? (
                      "–"
                    ) : (
                      <a key="request" href={linkTo("requests", { rest: delivery.requestId })}>
                        Open
                      </a>
                    ),
                    mayChange && delivery.requestId !== null ? (
                      <Resend
                        key="resend"
                        client={client}
                        requestId={delivery.requestId}
                        id={delivery.id}
                        onSent={data.reload}
                      />
                    ) : null,
                  ],
                }))}
              />
              {nextCursor === null ? null : (
                <button type="button" onClick={() => setCursor(nextCursor)}>
                  Older deliveries
                </button>
              )}
            </>
          )
        }
      </Loaded>
    </Section>
  );
}
