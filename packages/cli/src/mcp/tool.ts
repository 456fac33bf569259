/** One tool: its schemas, what it does, and how a failure becomes an answer that the model can act on. */
import type { CallToolResult, McpServer, ServerContext, ToolAnnotations } from "@modelcontextprotocol/server";
import type { Client } from "@visgate_ai/client";
import type { z } from "zod";
import type { Session } from "../session.js";
import { errorText } from "./errors/error-text.js";

export interface ToolContext {
  session: Session;
  processId: string;
}

export interface Call extends ToolContext {
  client: Client;
  /** Aborted when the client of the protocol cancels the call or closes the connection. */
  signal: AbortSignal;
  mcp: ServerContext["mcpReq"];
}

export interface Answer<Output> {
  /** All that matters, for assistants that do not read the structured output. */
  text: string;
  output: Output;
  links?: Link[];
}

export type Link = Extract<CallToolResult["content"][number], { type: "resource_link" }>;

interface Definition<Input extends z.ZodObject, Output extends z.ZodObject> {
  name: string;
  title: string;
  description: string;
  input: Input;
  output: Output;
  annotations: ToolAnnotations;
  run(call: Call, input: z.output<Input>): Promise<Answer<z.input<Output>>>;
}

export interface Tool {
  addTo(server: McpServer, context: ToolContext): void;
}

export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  definition: Definition<Input, Output>,
): Tool {
  const { name, title, description, input: inputSchema, output: outputSchema, annotations, run } = definition;
  return {
    addTo(server, context) {
      const config = { title, description, inputSchema, outputSchema, annotations } as const;
      server.registerTool<z.ZodObject, z.ZodObject>(name, config, async (input, { mcpReq: mcp }) => {
        try {
          const client = context.session.createClient();
          return toResult(await run({ ...context, client, signal: mcp.signal, mcp }, input as z.output<Input>));
        } catch (error) {
          return { isError: true, content: [{ type: "text", text: errorText(error, context.session) }] };
        }
      });
    },
  };
}

function toResult({ text, output, links = [] }: Answer<object>): CallToolResult {
  return { content: [{ type: "text", text }, ...links], structuredContent: { ...output } };
}
