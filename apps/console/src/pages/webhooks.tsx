/** The endpoints that get events, how they are doing, and the deliveries of all requests. */
import type { Client, WebhookEndpoint } from "@visgate_ai/client";
import { useState } from "preact/hooks";
import type { Feed } from "../data/feed.js";
import { useAction, useData } from "../data/use-data.js";
import { useEvents } from "../data/use-events.js";
import { linkTo } from "../route.js";
import { Confirm } from "../ui/confirm.js";
import { ActionButton, Empty, ErrorText, Facts, Input, Loaded, Section, Select, Table, Time } from "../ui/parts.js";
import type { OrganizationSession } from "./session-props.js";

const EVENTS: readonly WebhookEndpoint["events"][number][] = [
  "request.processing",
  "request.progress",
  "request.completed",
  "request.failed",
  "budget.threshold",
  "alert.opened",
  "alert.closed",
];
const DAY_MS = 86_400_000;
/** An event has mostly been delivered by then. */
const SENT_AFTER_MS = 1500;

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

interface EndpointProps {
  client: Client;
  endpoint: WebhookEndpoint;
  mayChange: boolean;
  onChanged: () => void;
  onSecret: (secret: string) => void;
}

const WHY_DISABLED = {
  by_caller: "disabled by a caller",
  gone: "disabled: it answered 410",
  failing: "disabled: it has failed for days",
};

function Endpoint({ client, endpoint, mayChange, onChanged, onSecret }: EndpointProps) {
  const { id, url, events, description, enabled, disabledReason, failingSince, secretRotatesUntil } = endpoint;
  const [isAsked, setAsked] = useState(false);
  const then = (act: () => Promise<unknown>) => async () => {
    await act();
    onChanged();
  };
  const toggle = useAction(then(() => client.webhookEndpoints.update(id, { enabled: !enabled })));
  const resend = useAction(
    then(() => client.webhookEndpoints.redeliver(id, new Date(Date.now() - DAY_MS).toISOString())),
  );
  const rotate = useAction(then(async () => onSecret((await client.webhookEndpoints.rotateSecret(id)).secret)));
  const remove = useAction(then(() => client.webhookEndpoints.delete(id)));
  const health = failingSince === null ? "works" : "failing";
  return (
    <>
      <h3 class="url">{url}</h3>
      <Facts
        facts={[
          ["State", enabled ? health : WHY_DISABLED[disabledReason ?? "by_caller"]],
          ["Failing since", failingSince === null ? null : <Time key="failing" at={failingSince} />],
          ["Events", events.join(", ")],
          ["About", description],
          ["Old secret until", secretRotatesUntil === null ? null : <Time key="rotates" at={secretRotatesUntil} />],
        ]}
      />
      {mayChange ? (
        <div class="actions">
          <ActionButton action={toggle}>{enabled ? "Disable" : "Enable"}</ActionButton>
          <ActionButton action={resend}>Resend failed deliveries of the last 24 hours</ActionButton>
          <ActionButton action={rotate}>Rotate the secret</ActionButton>
          <button type="button" class="danger" onClick={() => setAsked(true)}>
            Delete
          </button>
        </div>
      ) : null}
      <ErrorText error={toggle.error ?? resend.error ?? rotate.error} />
      {isAsked ? (
        <Confirm title="Delete this endpoint?" confirm="Delete" action={remove} onClose={() => setAsked(false)}>
          <p>It gets no further events.</p>
        </Confirm>
      ) : null}
    </>
  );
}

interface AddProps {
  client: Client;
  onAdded: () => void;
  onSecret: (secret: string) => void;
}

function AddEndpoint({ client, onAdded, onSecret }: AddProps) {
  const [url, setUrl] = useState("");
  const [events, setEvents] = useState<readonly string[]>(["request.completed", "request.failed"]);
  const add = useAction(async () => {
    const { secret } = await client.webhookEndpoints.create({ url, events: events as WebhookEndpoint["events"] });
    setUrl("");
    onSecret(secret);
    onAdded();
  });
  const toggle = (event: string) =>
    setEvents((last) => (last.includes(event) ? last.filter((one) => one !== event) : [...last, event]));
  return (
    <form class="add" onSubmit={(event) => event.preventDefault()}>
      <Input label="New endpoint" type="url" placeholder="https://" value={url} onInput={setUrl} />
      <fieldset class="chips">
        <legend>Events</legend>
        {EVENTS.map((event) => (
          <label key={event}>
            <input type="checkbox" checked={events.includes(event)} onChange={() => toggle(event)} />
            <span>{event}</span>
          </label>
        ))}
      </fieldset>
      <ActionButton action={add} disabled={url === "" || events.length === 0}>
        Add
      </ActionButton>
      <ErrorText error={add.error} />
    </form>
  );
}

interface DeliveriesProps {
  client: Client;
  feed: Feed;
  endpoints: readonly WebhookEndpoint[];
  mayChange: boolean;
}

function Deliveries({ client, feed, endpoints, mayChange }: DeliveriesProps) {
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

interface ResendProps {
  client: Client;
  requestId: string;
  id: string;
  onSent: () => void;
}

function Resend({ client, requestId, id, onSent }: ResendProps) {
  const again = useAction(async () => {
    await client.requests.redeliver(requestId, id);
    onSent();
  });
  return (
    <>
      <ActionButton action={again}>Send again</ActionButton>
      <ErrorText error={again.error} />
    </>
  );
}
