/** One request in the list. It is drawn again only when the request has changed. */
import type { RequestWithInput } from "@visgate_ai/client";
import { memo } from "preact/compat";
import { linkTo, type Query } from "../../route.js";
import { duration } from "../../ui/format.js";
import { Thumbnail } from "../../ui/media.js";
import { Money, Status, Time } from "../../ui/parts.js";

interface Props {
  request: RequestWithInput;
  /** The filters, which stay when the request is opened. */
  given: Query;
  isOpen: boolean;
}

export const RequestRow = memo(
  ({ request, given, isOpen }: Props) => (
    <a
      class="request"
      href={linkTo("requests", { rest: request.id, query: given })}
      aria-current={isOpen ? "true" : undefined}
    >
      <Thumbnail request={request} />
      <span class="prompt">{request.input?.prompt || request.id}</span>
      <span class="model">{request.model}</span>
      <Status status={request.status} errorCode={request.errorCode} />
      <span class="progress">{progressOf(request)}</span>
      <Money usd={request.cost} />
      <Time at={request.createdAt} isShort />
    </a>
  ),
  (last, next) => last.request === next.request && last.isOpen === next.isOpen && last.given === next.given,
);

function progressOf({ status, progress, latencyMs, queuePosition, cacheHit }: RequestWithInput): string {
  if (status === "completed") return cacheHit ? "from the cache" : duration(latencyMs);
  if (status === "pending") return queuePosition === null ? "waiting" : `${queuePosition} ahead`;
  return status === "processing" && progress !== null ? `${Math.round(progress * 100)} %` : "";
}
