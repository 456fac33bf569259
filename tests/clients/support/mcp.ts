/** `visgate mcp` as an assistant uses it: a process of its own, and the official client of the protocol. */
import { Client, type ClientOptions, type Progress } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { CLI, type CliEnv, cliEnv } from "./cli.js";

export type { Progress };

export interface ToolAnswer {
  isError: boolean;
  /** The texts, each on its own line. */
  text: string;
  links: { uri: string; mimeType?: string | undefined; name: string }[];
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers freely; the client checks them against the schemas
  output: any;
}

export interface CallOptions {
  onprogress?: (progress: Progress) => void;
  signal?: AbortSignal;
}

export interface Assistant {
  client: Client;
  call(tool: string, input?: object, options?: CallOptions): Promise<ToolAnswer>;
  stderr(): string;
  close(): Promise<void>;
}

const NAMES = { name: "test", version: "1.0.0" };

export async function startAssistant(env: CliEnv, options: ClientOptions = {}): Promise<Assistant> {
  const [command, program] = CLI;
  const transport = new StdioClientTransport({ command, args: [program, "mcp"], env: cliEnv(env), stderr: "pipe" });
  const written: Buffer[] = [];
  transport.stderr?.on("data", (chunk: Buffer) => written.push(chunk));
  const client = new Client(NAMES, options);
  await client.connect(transport);
  return {
    client,
    async call(name, input = {}, more = {}) {
      const { content, isError, structuredContent } = await client.callTool({ name, arguments: { ...input } }, more);
      return {
        isError: isError === true,
        text: content.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("\n"),
        links: content.flatMap((block) => (block.type === "resource_link" ? [block] : [])),
        output: structuredContent,
      };
    },
    stderr: () => Buffer.concat(written).toString(),
    close: () => client.close(),
  };
}
