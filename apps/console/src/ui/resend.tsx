/** Sends a webhook again. */
import type { Client } from "@visgate_ai/client";
import { useAction } from "../data/use-data.js";
import { ActionButton, ErrorText } from "./parts.js";

interface Props {
  client: Client;
  requestId: string;
  /** Of the delivery. */
  id: string;
  onSent: () => void;
}

export function Resend({ client, requestId, id, onSent }: Props) {
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
