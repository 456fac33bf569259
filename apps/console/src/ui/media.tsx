/** Outputs: small in lists, to play in a request. */

import type { RequestWithInput } from "@visgate_ai/client";
import { useState } from "preact/hooks";
import { isOwnUrl, originOf } from "../data/connection.js";

type Shown = Pick<RequestWithInput, "mediaType" | "outputUrl" | "outputUrls" | "posterUrl" | "status">;

export function Thumbnail({ request }: { request: Shown }) {
  const [isBroken, setBroken] = useState(false);
  const url = request.posterUrl ?? (request.mediaType === "image" ? request.outputUrl : null);
  if (url === null || isBroken || !isOwnUrl(url)) {
    return <span class={`thumbnail ${request.mediaType}`} aria-hidden="true" />;
  }
  return <img class="thumbnail" src={url} alt="" loading="lazy" decoding="async" onError={() => setBroken(true)} />;
}

export function Player({ request }: { request: Shown }) {
  if (request.status !== "completed") return null;
  return (
    <div class="player">
      {request.outputUrls.map((url, at) => (
        <One key={url} url={url} kind={request.mediaType} poster={at === 0 ? request.posterUrl : null} />
      ))}
    </div>
  );
}

function One({ url, kind, poster }: { url: string; kind: "video" | "image"; poster: string | null }) {
  const [isBroken, setBroken] = useState(false);
  if (!isOwnUrl(url)) {
    return <Elsewhere url={url} text={`The output is at ${originOf(url)}: this page loads nothing from there.`} />;
  }
  if (isBroken) return <Elsewhere url={url} text="This browser cannot show the output." />;
  if (kind === "image") return <img src={url} alt="The output" onError={() => setBroken(true)} />;
  return (
    <video
      src={url}
      {...(poster === null ? {} : { poster })}
      controls
      loop
      playsInline
      preload="metadata"
      onError={() => setBroken(true)}
    />
  );
}

const Elsewhere = ({ url, text }: { url: string; text: string }) => (
  <p class="empty">
    {text}{" "}
    <a href={url} target="_blank" rel="noreferrer">
      Open it
    </a>
  </p>
);
