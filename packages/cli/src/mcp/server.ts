/** The MCP server with its tools. */
import { McpServer } from "@modelcontextprotocol/server";
import { type Session, VERSION } from "../session.js";
import type { DefaultPrices } from "./default-prices.js";
import { cancelRequest } from "./tools/cancel-request.js";
import { generateImage } from "./tools/generate-image.js";
import { generateVideo } from "./tools/generate-video.js";
import { getRequest } from "./tools/get-request.js";
import { listModels } from "./tools/list-models.js";
import { listRequests } from "./tools/list-requests.js";
import { quote } from "./tools/quote.js";

const INSTRUCTIONS = `Makes videos and images with AI models through a Visgate gateway. Generating spends money: quote says
how much, and spends nothing. A video takes minutes. An accepted request continues when a call ends early: get_request
shows it and waits for it. After an error about a request that may be charged, ask the user before you generate again.`;

export interface McpServerOptions {
  session: Session;
  /** Random; part of the idempotency keys of this process. */
  processId: string;
  prices: DefaultPrices;
}

export function createMcpServer({ session, processId, prices }: McpServerOptions): McpServer {
  const server = new McpServer(
    { name: "visgate", title: "Visgate", version: VERSION },
    { capabilities: { tools: { listChanged: false } }, instructions: INSTRUCTIONS.replaceAll("\n", " ") },
  );
  const generating = [generateVideo(prices.video), generateImage(prices.image)];
  const tools = [...generating, getRequest, listRequests, cancelRequest, listModels, quote];
  for (const tool of tools) tool.addTo(server, { session, processId });
  return server;
}
