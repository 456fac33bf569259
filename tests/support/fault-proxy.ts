/** An HTTP proxy in front of the API. It applies each injected fault once, and forwards all other calls unchanged. */
import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Fault {
  method: string;
  /** The beginning of the path, below /api/v1. */
  path: string;
  kind:
    | { answer: number; headers?: Record<string, string>; body?: string }
    /** The connection is cut before the API gets the call. */
    | "cut_before"
    /** The API handles the call, and the connection is cut before its answer. */
    | "cut_answer"
    /** The API handles the call, and its answer never arrives. */
    | "hold_answer"
    /** The connection is cut after this many bytes of the answer's body. */
    | { cutAfterBytes: number };
  times?: number;
}

export interface FaultProxy {
  url: string;
  /** Adds faults. A call gets the first fault that fits it. */
  inject(...faults: Fault[]): void;
  /** Method, path and headers of every call, with or without a fault, in order. */
  seen: { method: string; path: string; headers: IncomingMessage["headers"] }[];
  close(): Promise<void>;
}

/** `faultOf`: decides of every call that no injected fault fits. `port`: a free one unless given. */
export async function startFaultProxy(
  target: string,
  faultOf: (method: string, path: string) => Fault["kind"] | undefined = () => undefined,
  port = 0,
): Promise<FaultProxy> {
  let faults: Fault[] = [];
  const seen: FaultProxy["seen"] = [];
  const take = (method: string, path: string): Fault["kind"] | undefined => {
    const fault = faults.find((one) => one.method === method && path.startsWith(`/api/v1${one.path}`));
    if (fault === undefined) return faultOf(method, path);
    fault.times = (fault.times ?? 1) - 1;
    faults = faults.filter((one) => one !== fault || (fault.times ?? 0) > 0);
    return fault.kind;
  };
  const server = createServer((incoming, outgoing) => {
    const { method = "", url = "", headers } = incoming;
    seen.push({ method, path: url, headers });
    const kind = take(method, url);
    if (kind === "cut_before") return void outgoing.destroy();
    if (typeof kind === "object" && "answer" in kind)
      return void outgoing.writeHead(kind.answer, kind.headers).end(kind.body);
    forward({ incoming, outgoing, target, kind });
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    inject: (...more) => void faults.push(...more),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

interface Exchange {
  incoming: IncomingMessage;
  outgoing: ServerResponse;
  target: string;
  kind: "cut_answer" | "hold_answer" | { cutAfterBytes: number } | undefined;
}

function forward({ incoming, outgoing, target, kind }: Exchange): void {
  const { method, headers, url } = incoming;
  const upstream = request(target + url, { method, headers: { ...headers, connection: "close" } });
  upstream.on("error", () => outgoing.destroy());
  upstream.on("response", (answer) => {
    if (kind === "cut_answer") return void outgoing.destroy();
    if (kind === "hold_answer") return void answer.resume();
    answer.on("close", () => answer.complete || outgoing.destroy());
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    if (kind === undefined) return void answer.pipe(outgoing);
    let left = kind.cutAfterBytes;
    answer.on("data", (chunk: Buffer) => {
      outgoing.write(chunk.subarray(0, left));
      left -= chunk.length;
      if (left <= 0) outgoing.destroy();
    });
    answer.on("end", () => outgoing.end());
  });
  outgoing.on("close", () => upstream.destroy());
  incoming.pipe(upstream);
}
