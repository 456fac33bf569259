/** A form for another endpoint. */
import type { Client, WebhookEndpoint } from "@visgate_ai/client";
import { useState } from "preact/hooks";
import { useAction } from "../../data/use-data.js";
import { ActionButton, Choices, ErrorText, Input } from "../../ui/parts.js";

type EventType = WebhookEndpoint["events"][number];

/** Every event, and whether a new endpoint gets it unless told otherwise. */
const EVENTS: Record<EventType, boolean> = {
  "request.processing": false,
  "request.progress": false,
  "request.completed": true,
  "request.failed": true,
  "budget.threshold": false,
  "alert.opened": false,
  "alert.closed": false,
};
const ALL = Object.keys(EVENTS) as EventType[];

interface AddProps {
  client: Client;
  onAdded: () => void;
  onSecret: (secret: string) => void;
}

export function AddEndpoint({ client, onAdded, onSecret }: AddProps) {
  const [url, setUrl] = useState("");
  const [events, setEvents] = useState<readonly EventType[]>(ALL.filter((event) => EVENTS[event]));
  const add = useAction(async () => {
    const { secret } = await client.webhookEndpoints.create({ url, events: [...events] });
    setUrl("");
    onSecret(secret);
    onAdded();
  });
  return (
    <form class="add" onSubmit={(event) => event.preventDefault()}>
      <Input label="New endpoint" type="url" placeholder="https://" value={url} onInput={setUrl} />
      <Choices label="Events" of={ALL} chosen={events} onChange={setEvents} />
      <ActionButton action={add} disabled={url === "" || events.length === 0}>
        Add
      </ActionButton>
      <ErrorText error={add.error} />
    </form>
  );
}
