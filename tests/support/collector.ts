/** A collector for OTLP over HTTP that keeps what it gets. It reads the JSON form: OTEL_EXPORTER_OTLP_PROTOCOL=http/json. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { until } from "./until.js";

export interface CollectedSpan {
  /** `service.name` and `service.instance.id` of its process. */
  service: string;
  instance: string;
  traceId: string;
  spanId: string;
  parentSpanId: string;
  name: string;
  /** As OTLP numbers them: 2 server, 3 client, 4 producer, 5 consumer, 1 internal. */
  kind: number;
  attributes: Record<string, unknown>;
  isError: boolean;
}

export interface Collector {
  url: string;
  /** What the processes sent, as it came. */
  bodies: Buffer[];
  spans(): CollectedSpan[];
  /** Resolves to the spans when there are some of all these names. */
  withNames(...names: string[]): Promise<CollectedSpan[]>;
  close(): Promise<void>;
}

/** `status`: of its answers. Null: it never answers. */
export async function startCollector(status: number | null = 200): Promise<Collector> {
  const bodies: Buffer[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    // A process that is killed while it sends has sent nothing.
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      return;
    }
    bodies.push(Buffer.concat(chunks));
    if (status !== null) response.writeHead(status, { "content-type": "application/json" }).end("{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const spans = () => bodies.flatMap((body) => spansOf(JSON.parse(body.toString())));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    spans,
    withNames: (...names) =>
      until(`spans ${names}`, () => {
        const all = spans();
        return names.every((name) => all.some((span) => span.name === name)) && all;
      }),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

interface Attribute {
  key: string;
  value: Record<string, unknown>;
}

interface Span extends Omit<CollectedSpan, "attributes" | "service" | "instance" | "isError"> {
  attributes: Attribute[];
  status?: { code?: number };
}

interface Export {
  resourceSpans: { resource: { attributes: Attribute[] }; scopeSpans: { spans: Span[] }[] }[];
}

const ERROR = 2;

function spansOf({ resourceSpans }: Export): CollectedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const own = valuesOf(resource.attributes);
    const [service, instance] = [String(own["service.name"]), String(own["service.instance.id"])];
    return scopeSpans.flatMap(({ spans }) =>
      spans.map(({ traceId, spanId, parentSpanId = "", name, kind, attributes, status }) => ({
        ...{ service, instance, traceId, spanId, parentSpanId, name, kind },
        ...{ attributes: valuesOf(attributes), isError: status?.code === ERROR },
      })),
    );
  });
}

const valuesOf = (attributes: Attribute[]): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
