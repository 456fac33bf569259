/** A generation of this page: its progress, then its output beside its prompt. */
import type { Client, RequestWithInput } from "@visgate_ai/client";
import type { Feed } from "../../data/feed.js";
import { useAction, useData } from "../../data/use-data.js";
import { useEvents } from "../../data/use-events.js";
import { linkTo } from "../../route.js";
import { duration, hasEnded } from "../../ui/format.js";
import { Player } from "../../ui/media.js";
import { ActionButton, ErrorText, Loaded, Money, Status } from "../../ui/parts.js";

export function Result({ client, feed, id }: { client: Client; feed: Feed; id: string }) {
  const data = useData(() => client.requests.get(id), [client, id]);
  useEvents(feed, data.reload, { of: ({ requestId }) => requestId === id });
  return (
    <article class="result">
      <Loaded data={data}>{(request) => <Shown client={client} request={request} />}</Loaded>
    </article>
  );
}

function Shown({ client, request }: { client: Client; request: RequestWithInput }) {
  const { id, status, progress, input, errorMessage, cost, latencyMs, errorCode } = request;
  const isOver = hasEnded(status);
  const cancel = useAction(() => client.requests.cancel(id));
  return (
    <>
      <Player request={request} />
      {input === undefined ? null : <p class="prompt">{input.prompt}</p>}
      {isOver ? null : <progress aria-label="Progress" max={1} {...(progress === null ? {} : { value: progress })} />}
      {errorMessage === null ? null : <p class="error">{errorMessage}</p>}
      <p class="line">
        <Status status={status} errorCode={errorCode} /> <Money usd={cost} /> {isOver ? duration(latencyMs) : ""}{" "}
        <a href={linkTo("requests", { rest: id })}>Details</a>
        {isOver ? null : <ActionButton action={cancel}>Cancel</ActionButton>}
      </p>
      <ErrorText error={cancel.error} />
    </>
  );
}
