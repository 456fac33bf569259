/** Everything about one request: what was asked, what came out, what it cost, what happened, and what can be done. */
import type { Client, RequestWithInput, TimelineEntry } from "@visgate_ai/client";
import { useEffect, useRef } from "preact/hooks";
import { isOwnUrl } from "../../data/connection.js";
import type { Feed } from "../../data/feed.js";
import { useData } from "../../data/use-data.js";
import { useEvents } from "../../data/use-events.js";
import type { Scope } from "../../session.js";
import { duration } from "../../ui/format.js";
import { Player } from "../../ui/media.js";
import { Facts, Loaded, Money, Section, Status, Time } from "../../ui/parts.js";
import { Actions } from "./actions.js";
import { CopyAs } from "./copy-as.js";
import { Deliveries } from "./deliveries.js";
import { MoneyLines } from "./money-lines.js";
import { TimelinePicture } from "./timeline-picture.js";

type Detailed = RequestWithInput & { timeline: TimelineEntry[] };

interface Props {
  client: Client;
  feed: Feed;
  may: (scope: Scope) => boolean;
  id: string;
  onClose: () => void;
  onDeleted: () => void;
}

export function Drawer({ client, feed, may, id, onClose, onDeleted }: Props) {
  const data = useData<Detailed>(async () => {
    const [status, timeline] = await Promise.all([client.requests.get(id), client.requests.timeline(id)]);
    return { ...status, timeline };
  }, [client, id]);
  useEvents(feed, data.reload, { of: ({ requestId }) => requestId === id });
  const box = useRef<HTMLElement>(null);
  useEffect(() => box.current?.focus(), []);
  return (
    <aside
      class="drawer"
      ref={box}
      tabIndex={-1}
      aria-label="Request"
      onKeyDown={(event) => event.key === "Escape" && onClose()}
    >
      <header>
        <h2>Request</h2>
        <button type="button" onClick={onClose}>
          Close
        </button>
      </header>
      <Loaded data={data}>
        {(request) => (
          <>
            <Player request={request} />
            <Prompt request={request} />
            <Actions {...{ client, may, request, onDeleted, onClose }} onChanged={data.reload} />
            <About request={request} />
            <Section title="Time line">
              <TimelinePicture entries={request.timeline} />
            </Section>
            <Section title="Money">
              <MoneyLines client={client} may={may} request={request} onSettled={data.reload} />
            </Section>
            {may("read") ? (
              <Section title="Webhooks">
                <Deliveries client={client} may={may} request={request} />
              </Section>
            ) : null}
            {request.input === undefined ? null : (
              <Section title="Copy as">
                <CopyAs request={request} input={request.input} />
              </Section>
            )}
          </>
        )}
      </Loaded>
    </aside>
  );
}

function Prompt({ request: { input, errorMessage, errorCode, status, progress } }: { request: Detailed }) {
  return (
    <>
      {status === "processing" ? (
        <progress aria-label="Progress" max={1} {...(progress === null ? {} : { value: progress })} />
      ) : null}
      {errorMessage === null ? null : (
        <p class="error" role="alert">
          <strong>{errorCode}</strong> {errorMessage}
        </p>
      )}
      {input === undefined ? null : <p class="prompt">{input.prompt}</p>}
    </>
  );
}

function About({ request }: { request: Detailed }) {
  const { input } = request;
  const inputs = [input?.imageUrl, ...(input?.imageUrls ?? []).map(({ url }) => url), input?.videoUrl, input?.audioUrl];
  const params = Object.entries(input?.params ?? {});
  return (
    <Section title="About">
      <Facts
        facts={[
          ["Status", <Status key="status" status={request.status} errorCode={request.errorCode} />],
          ["Model", request.model],
          ["Provider", request.provider + (request.simulated ? " (simulator)" : "")],
          ["Cost", <Money key="cost" usd={request.cost} />],
          ["Charge", request.chargeState],
          ["Time", duration(request.latencyMs)],
          ["Created", <Time key="created" at={request.createdAt} />],
          ["Ended", request.completedAt === null ? null : <Time key="ended" at={request.completedAt} />],
          ["Length", request.durationSeconds === null ? null : `${request.durationSeconds} s`],
          ["Size", input?.width ? `${input.width} × ${input.height}` : null],
          ["Cache", request.cacheReason],
          ["Callback id", request.callbackId],
          ["Id", <code key="id">{request.id}</code>],
          ["Id at the provider", request.providerRequestId && <code key="provider">{request.providerRequestId}</code>],
        ]}
      />
      {params.length === 0 ? null : (
        <>
          <h3>Parameters</h3>
          <Facts
            facts={params.map(([name, value]) => [name, <code key={name}>{JSON.stringify(value)}</code>] as const)}
          />
        </>
      )}
      {Object.keys(request.metadata).length === 0 ? null : (
        <>
          <h3>Metadata of the caller</h3>
          <Facts facts={Object.entries(request.metadata)} />
        </>
      )}
      <ul class="inputs">
        {inputs
          .filter((url): url is string => typeof url === "string")
          .map((url) => (
            <li key={url}>
              <Input url={url} />
            </li>
          ))}
      </ul>
    </Section>
  );
}

/** A picture of another server is not loaded: the page asks nobody but its own server. */
function Input({ url }: { url: string }) {
  const isOwn = url.startsWith("data:image/") || isOwnUrl(url);
  return (
    <a href={url} target="_blank" rel="noreferrer">
      {isOwn ? <img src={url} alt="An input" loading="lazy" /> : url}
    </a>
  );
}
