/** Applications with the proxy in them, as their owners would write them, each on a port of its own. */
import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { type ProxyOptions, proxyToVisgate } from "@visgate_ai/server-proxy";
import express from "express";
import { Hono } from "hono";
import { visgate } from "../../../examples/express-server/visgate.mjs";

export interface Application {
  /** Where the proxy is mounted. */
  proxyUrl: string;
  port: number;
  close(): Promise<void>;
}

export type Options = Omit<ProxyOptions, "pathSegments">;
export type StartApplication = (options: Options) => Promise<Application>;

async function listening(server: Server): Promise<Application> {
  if (!server.listening) await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    proxyUrl: `http://127.0.0.1:${port}/api/visgate`,
    port,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

export const startHono: StartApplication = (options) => {
  const app = new Hono().all("/api/visgate/*", (c) =>
    proxyToVisgate(c.req.raw, { ...options, pathSegments: c.req.path.split("/").slice(3) }),
  );
  return listening(serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }) as Server);
};

export const startExpress: StartApplication = (options) => {
  const app = express();
  app.all("/api/visgate/*path", visgate(options));
  return listening(app.listen(0, "127.0.0.1"));
};
