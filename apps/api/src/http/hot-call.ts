/** What a handler sees of a call that did not go through Hono: made from Node's request, and read only as needed. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { CallRequest, Ctx, Variables } from "./route.js";

export interface HotRequest {
  incoming: IncomingMessage;
  outgoing: ServerResponse;
  /** The parts of the path in the places of the route's `{name}`s. */
  params: Readonly<Record<string, string>>;
}

export class HotCall implements Ctx {
  readonly req: CallRequest;
  readonly env: { incoming: IncomingMessage };
  private readonly variables: Partial<Variables> = {};

  constructor(request: HotRequest) {
    this.env = { incoming: request.incoming };
    this.req = new HotCallRequest(request);
  }

  get<Name extends keyof Variables>(name: Name): Variables[Name] {
    return this.variables[name] as Variables[Name];
  }

  set<Name extends keyof Variables>(name: Name, value: Variables[Name]): void {
    this.variables[name] = value;
  }
}

const BYTE_ORDER_MARK = "\uFEFF";

/** As a web request's `text()`, which leaves out the byte order mark. A TextDecoder is slower. */
function decode(chunks: Buffer[]): string {
  const [first] = chunks;
  const text = (chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks)).toString("utf8");
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}

class HotCallRequest implements CallRequest {
  readonly method: string;
  readonly path: string;
  readonly url: string;
  private readonly incoming: IncomingMessage;
  private readonly outgoing: ServerResponse;
  private readonly params: HotRequest["params"];

  constructor({ incoming, outgoing, params }: HotRequest) {
    this.incoming = incoming;
    this.outgoing = outgoing;
    this.params = params;
    this.method = incoming.method ?? "";
    this.path = incoming.url ?? "";
    this.url = this.path;
  }

  /** Node drops what is given twice of some headers. Here they are joined, as HTTP says and Hono does. */
  header(name: string): string | undefined {
    const { rawHeaders } = this.incoming;
    let found: string | undefined;
    for (let at = 0; at < rawHeaders.length; at += 2) {
      const given = rawHeaders[at] ?? "";
      if (given.length !== name.length || given.toLowerCase() !== name) continue;
      const value = rawHeaders[at + 1] ?? "";
      found = found === undefined ? value : `${found}, ${value}`;
    }
    return found;
  }

  param(name: string): string | undefined {
    return this.params[name];
  }

  /** A call with a query goes through Hono. */
  query(): undefined {
    return undefined;
  }

  queries(): Record<string, string[]> {
    return {};
  }

  text(): Promise<string> {
    const { incoming } = this;
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.once("end", () => resolve(decode(chunks)));
      incoming.once("error", reject);
      incoming.once("close", () => {
        if (!incoming.complete) reject(new Error("The body was cut off."));
      });
    });
  }

  get raw(): CallRequest["raw"] {
    const { incoming, outgoing } = this;
    return {
      get signal() {
        const left = new AbortController();
        outgoing.once("close", () => {
          if (!outgoing.writableFinished) left.abort();
        });
        return left.signal;
      },
      get headers() {
        return new Headers(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
      },
      // Only bodies of an announced length come here, and those are read by `text`.
      body: null,
    };
  }
}
