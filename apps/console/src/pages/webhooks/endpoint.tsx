/** An endpoint: its health, and what can be done with it. */
import type { Client, WebhookEndpoint } from "@visgate_ai/client";
import { useState } from "preact/hooks";
import { useAction } from "../../data/use-data.js";
import { Confirm } from "../../ui/confirm.js";
import { ActionButton, ErrorText, Facts, Time } from "../../ui/parts.js";

const DAY_MS = 86_400_000;

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

export function Endpoint({ client, endpoint, mayChange, onChanged, onSecret }: EndpointProps) {
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
