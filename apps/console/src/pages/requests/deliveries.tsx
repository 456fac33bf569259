/** The webhooks of a request, each with its attempts and its body. */
import type { Client, Delivery, RequestWithInput } from "@visgate_ai/client";
import { useState } from "preact/hooks";
import { useData } from "../../data/use-data.js";
import type { Scope } from "../../session.js";
import { duration } from "../../ui/format.js";
import { Empty, Loaded, Time } from "../../ui/parts.js";
import { Resend } from "../../ui/resend.js";

interface Props {
  client: Client;
  may: (scope: Scope) => boolean;
  request: RequestWithInput;
}

export function Deliveries({ client, may, request: { id, status } }: Props) {
  const data = useData(() => client.requests.deliveries(id), [client, id, status]);
  return (
    <Loaded data={data}>
      {(deliveries) =>
        deliveries.length === 0 ? (
          <Empty>No webhook was asked for, and no endpoint takes its events.</Empty>
        ) : (
          <ul class="deliveries">
            {deliveries.map((delivery) => (
              <li key={delivery.id}>
                <One {...{ client, may, delivery }} requestId={id} onSent={data.reload} />
              </li>
            ))}
          </ul>
        )
      }
    </Loaded>
  );
}

interface OneProps {
  client: Client;
  may: (scope: Scope) => boolean;
  delivery: Delivery;
  requestId: string;
  onSent: () => void;
}

function One({ client, may, delivery, requestId, onSent }: OneProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <p>
        <span class={`status ${delivery.state}`}>{delivery.state}</span> <strong>{delivery.type}</strong>{" "}
        <span class="url">{delivery.url ?? "an endpoint that was removed"}</span>
      </p>
      <ul>
        {delivery.attempts.map(({ at, httpStatus, ms, error }) => (
          <li key={at}>
            <Time at={at} isShort />: {httpStatus ?? error ?? "no answer"} in {duration(ms)}
          </li>
        ))}
      </ul>
      {delivery.nextAttemptAt === null ? null : (
        <p>
          Next attempt: <Time at={delivery.nextAttemptAt} />
        </p>
      )}
      <div class="actions">
        <button type="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? "Hide the body" : "Show the body"}
        </button>
        {may("manage") ? <Resend {...{ client, requestId, onSent }} id={delivery.id} /> : null}
      </div>
      {isOpen ? <Body client={client} sequence={delivery.sequence} /> : null}
    </>
  );
}

/** The body of a webhook is the event of the feed with the same number. */
function Body({ client, sequence }: { client: Client; sequence: number }) {
  const data = useData(async () => {
    const { events } = await client.events.list({ after: sequence - 1, limit: 1 });
    return events[0] ?? null;
  }, [client, sequence]);
  return (
    <Loaded data={data}>
      {(event) => (event === null ? <p>It is not kept any more.</p> : <pre>{JSON.stringify(event, null, 2)}</pre>)}
    </Loaded>
  );
}
