const SHOWN_CHARACTERS = 200;
const SECRET_HEADERS = new Set(["authorization", "cookie", "proxy-authorization"]);

/** A long data URI says nothing that its head and its length do not. */
function shorten(text: string): string {
  if (!text.startsWith("data:") || text.length <= SHOWN_CHARACTERS) return text;
  return `${text.slice(0, SHOWN_CHARACTERS)}... (${text.length} characters)`;
}

/** A body as the request log keeps it. */
export function loggedBody(body: unknown): unknown {
  if (typeof body === "string") return shorten(body);
  if (Array.isArray(body)) return body.map(loggedBody);
  if (typeof body !== "object" || body === null) return body;
  return Object.fromEntries(Object.entries(body).map(([key, value]) => [key, loggedBody(value)]));
}

export function loggedHeaders(headers: Record<string, string>): Record<string, string> {
  const entries = Object.entries(headers);
  return Object.fromEntries(entries.map(([name, value]) => [name, SECRET_HEADERS.has(name) ? "redacted" : value]));
}
