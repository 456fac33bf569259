/**
 * A fetch for one SDK call that sends one request, whatever the SDK would like: the official SDKs repeat a POST up to
 * six times, and each repetition can be another paid job. Every answer that is not 2xx is kept here and thrown as a
 * plain error, which no SDK retries; a second send is refused.
 */
import { CONNECT_TIMEOUT } from "@visgate/shared/runtime/net";

const MAX_BODY_BYTES = 5 * 1024 * 1024;

export interface Answer {
  status: number;
  headers: Headers;
  /** Parsed when it is JSON, else text. */
  body: unknown;
}

/** `not_sent`: proof that nothing reached the provider. `no_answer`: sent, and the outcome is not known. */
export type Sent =
  | { kind: "not_sent"; cause: string }
  | { kind: "no_answer"; cause: string }
  | { kind: "answered"; answer: Answer };

export interface OneShot {
  fetch: typeof fetch;
  /** What came of it; null while nothing was tried. */
  sent(): Sent | null;
}

export function createOneShot(send: typeof fetch, maxBytes = MAX_BODY_BYTES): OneShot {
  let sent: Sent | null = null;

  async function once(url: Parameters<typeof fetch>[0], init?: RequestInit): Promise<Response> {
    if (sent !== null) throw new Error("A second send was refused.");
    sent = { kind: "no_answer", cause: "no answer" };
    try {
      const response = await send(url, { ...init, redirect: "manual" });
      const text = await readLimited(response, maxBytes);
      sent = { kind: "answered", answer: { status: response.status, headers: response.headers, body: parse(text) } };
      if (response.ok) return copyOf(response, text);
    } catch (error) {
      sent = { kind: wasRefused(error) ? "not_sent" : "no_answer", cause: causeOf(error) };
    }
    throw new Error("The one attempt failed.");
  }

  return { fetch: once as typeof fetch, sent: () => sent };
}

/** For SDK calls of several requests: each URL once, and none after one that failed. `sent` tells of the last. */
export function createOneShots(send: typeof fetch): OneShot {
  const shots = new Map<string, OneShot>();
  let last: OneShot | null = null;
  const each = (async (url, init) => {
    const key = url instanceof Request ? url.url : String(url);
    const shot = shots.get(key) ?? createOneShot(send);
    if (shots.has(key) || (last !== null && okAnswer(last.sent()) === null))
      throw new Error("A second send was refused.");
    shots.set(key, shot);
    last = shot;
    return shot.fetch(url, init);
  }) as typeof fetch;
  return { fetch: each, sent: () => last?.sent() ?? null };
}

export const isOk = ({ status }: Answer): boolean => status >= 200 && status < 300;

/** The answer, when it is a 2xx. */
export function okAnswer(sent: Sent | null): Answer | null {
  return sent?.kind === "answered" && isOk(sent.answer) ? sent.answer : null;
}

async function readLimited(response: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new Error("answer too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

const BODYLESS: readonly number[] = [204, 205];

/** The text is already decoded, so the headers that described its encoding no longer hold. */
function copyOf({ status, headers }: Response, text: string): Response {
  const plain = new Headers(headers);
  for (const name of ["content-encoding", "content-length", "transfer-encoding"]) plain.delete(name);
  return new Response(BODYLESS.includes(status) ? null : text, { status, headers: plain });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Nobody listening, no name, no route: but only while connecting, for a lost route has the same codes later on. */
const CONNECT_FAULTS = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "ETIMEDOUT"]);
const CONNECT_CALLS: readonly unknown[] = ["connect", "getaddrinfo"];

/** Did it fail before a byte of the request had left? */
function wasRefused(error: unknown): boolean {
  const root = rootOf(error);
  if (root === null) return false;
  const code = codeOf(root);
  const syscall = "syscall" in root ? root.syscall : undefined;
  return code === CONNECT_TIMEOUT || (CONNECT_FAULTS.has(code) && CONNECT_CALLS.includes(syscall));
}

/** The error's code, or its name: never its message, which may hold an address or a header. */
function causeOf(error: unknown): string {
  const root = rootOf(error);
  return root === null ? "unknown error" : codeOf(root);
}

function rootOf(error: unknown): Error | null {
  if (!(error instanceof Error)) return null;
  const root = error.cause instanceof Error ? error.cause : error;
  return root instanceof AggregateError && root.errors[0] instanceof Error ? root.errors[0] : root;
}

const codeOf = (error: Error): string => ("code" in error && typeof error.code === "string" ? error.code : error.name);
