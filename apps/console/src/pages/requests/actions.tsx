/** What can be done with a request. */
import type { Client, RequestWithInput } from "@visgate_ai/client";
import { useRef, useState } from "preact/hooks";
import { newIdempotencyKey } from "../../data/idempotency.js";
import { useAction } from "../../data/use-data.js";
import { goTo, linkTo } from "../../route.js";
import type { Scope } from "../../session.js";
import { Confirm } from "../../ui/confirm.js";
import { hasEnded } from "../../ui/format.js";
import { ActionButton, ErrorText, Money } from "../../ui/parts.js";

interface Props {
  client: Client;
  may: (scope: Scope) => boolean;
  request: RequestWithInput;
  onChanged: () => void;
  onDeleted: () => void;
  onClose: () => void;
}

export function Actions({ client, may, request, onChanged, onDeleted, onClose }: Props) {
  const [asked, setAsked] = useState<"again" | "delete" | null>(null);
  const [message, setMessage] = useState<string | null>(null);
  const { id, status, outputUrls } = request;
  const isOver = hasEnded(status);
  const cancel = useAction(async () => {
    setMessage((await client.requests.cancel(id)).message);
    onChanged();
  });
  /** The same on each try of one opened dialog, so that it is paid once. */
  const againKey = useRef("");
  const again = useAction(async () => {
    const { requestId } = await client.requests.again(id, { idempotencyKey: againKey.current });
    setAsked(null);
    goTo(linkTo("requests", { rest: requestId }));
  });
  const erase = useAction(async () => {
    await client.requests.delete(id);
    setAsked(null);
    onDeleted();
    onClose();
  });
  const askAgain = () => {
    againKey.current = newIdempotencyKey();
    setAsked("again");
  };
  if (!may("generate")) return null;
  return (
    <>
      <div class="actions">
        {isOver ? null : <ActionButton action={cancel}>Cancel</ActionButton>}
        <button type="button" onClick={askAgain}>
          Generate again
        </button>
        {request.input === undefined ? null : (
          <a class="button" href={linkTo("new", { query: { from: id } })}>
            Change and generate
          </a>
        )}
        {outputUrls.map((url, at) => (
          <a key={url} class="button" href={url} download>
            {outputUrls.length === 1 ? "Download" : `Download ${at + 1}`}
          </a>
        ))}
        {isOver ? (
          <button type="button" class="danger" onClick={() => setAsked("delete")}>
            Delete
          </button>
        ) : null}
      </div>
      {message === null ? null : <p role="status">{message}</p>}
      <ErrorText error={cancel.error} />
      {asked === "again" ? (
        <Confirm title="Generate again?" confirm="Generate" kind="main" action={again} onClose={() => setAsked(null)}>
          <p>
            The same call is made as a new request, and the provider bills it again. The last one cost{" "}
            <Money usd={request.cost} />.
          </p>
        </Confirm>
      ) : null}
      {asked === "delete" ? (
        <Confirm title="Delete this request?" confirm="Delete" action={erase} onClose={() => setAsked(null)}>
          <p>Its record and its outputs are erased. What it cost stays in the usage.</p>
        </Confirm>
      ) : null}
    </>
  );
}
