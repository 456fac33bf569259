/** The MCP server on stdin and stdout. Only messages of the protocol go to stdout. */
import { StdioServerTransport, serveStdio } from "@modelcontextprotocol/server/stdio";
import type { Session } from "../session.js";
import { readDefaultPrices } from "./default-prices.js";
import { createMcpServer } from "./server.js";

/** Resolves when the client has closed stdin. Requests that are being made continue at the gateway. */
export async function serveMcp(session: Session): Promise<void> {
  const { io, out } = session;
  const stdin = io.stdin();
  if (stdin.isTTY) out.note("This command is started by an AI assistant, which speaks MCP with it. Ctrl-C ends it.");
  const prices = readDefaultPrices(session);
  const processId = io.randomBytes(16).toString("hex");
  const transport = new StdioServerTransport(stdin, io.stdout);
  serveStdio(async () => createMcpServer({ session, processId, prices: await prices }), {
    transport,
    onerror: (error) => out.say(`visgate mcp: ${error.message}`),
  });
  await closed(transport);
}

/** The SDK sets `onclose`, and has no other sign of the end. */
function closed(transport: StdioServerTransport): Promise<void> {
  const { onclose } = transport;
  return new Promise((resolve) => {
    transport.onclose = () => {
      onclose?.();
      resolve();
    };
  });
}
