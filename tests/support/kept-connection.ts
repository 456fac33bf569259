/** A client with one keep-alive connection. It returns the `Connection` header and the time of each answer. */
import { once } from "node:events";
import { Agent, type IncomingMessage, request as send } from "node:http";
import type { Socket } from "node:net";

export interface KeptAnswer {
  status: number;
  /** The header `Connection`. */
  connection: string | undefined;
  body: string;
  /** Milliseconds of `performance.now()`. */
  askedAt: number;
  endedAt: number;
}

export interface Ask {
  method?: string;
  body?: object;
  headers?: Record<string, string>;
}

export interface KeptClient {
  /** Rejects when the connection breaks, or is refused. */
  ask(path: string, call?: Ask): Promise<KeptAnswer>;
  /** Resolves when the headers of the answer have arrived; `ended` resolves with the whole answer. */
  open(path: string, call?: Ask): Promise<{ response: IncomingMessage; ended: Promise<KeptAnswer> }>;
  /** The connection of the last answer. */
  socket(): Socket;
  close(): void;
}

/** `apiUrl`: the URL of the API under test, with its base path. */
export function createKeptClient(apiUrl: string, apiKey: string): KeptClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let socket: Socket | null = null;

  const open: KeptClient["open"] = async (path, { method = "GET", body, headers = {} } = {}) => {
    const askedAt = performance.now();
    const request = send(apiUrl + path, {
      agent,
      method,
      headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json", ...headers },
    });
    request.once("socket", (given) => {
      socket = given;
    });
    request.end(body === undefined ? undefined : JSON.stringify(body));
    const [response] = (await once(request, "response")) as [IncomingMessage];
    const { statusCode: status = 0, headers: answered } = response;
    const ended = textOf(response).then((text) => ({
      ...{ status, connection: answered.connection, body: text, askedAt, endedAt: performance.now() },
    }));
    ended.catch(() => {}); // the caller that awaits `ended` still gets the error
    return { response, ended };
  };
  return {
    open,
    ask: async (path, call) => (await open(path, call)).ended,
    socket() {
      if (socket === null) throw new Error("no call was made yet");
      return socket;
    },
    close: () => agent.destroy(),
  };
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
