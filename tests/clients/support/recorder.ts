/** Stands between a proxy and the real gateway: passes everything on, and keeps what the gateway was asked. */
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, request as open } from "node:http";
import type { AddressInfo } from "node:net";

export interface Asked {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
}

export interface Recorder {
  origin: string;
  asked: Asked[];
  /** How many askers went away before they had their answer. */
  readonly hungUp: number;
  /** Breaks off every answer that is under way. */
  cutAll(): void;
  close(): Promise<void>;
}

export async function startRecorder(gateway: string): Promise<Recorder> {
  const asked: Asked[] = [];
  let hungUp = 0;
  const server = createServer((request, response) => {
    const { method = "", url = "", headers } = request;
    asked.push({ method, url, headers });
    const onward = open(gateway + url, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    request.pipe(onward);
    response.once("close", () => {
      if (!response.writableFinished) hungUp += 1;
      onward.destroy();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    get hungUp() {
      return hungUp;
    },
    cutAll: () => server.closeAllConnections(),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
