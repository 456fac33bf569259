/**
 * A fetch for one SDK call that sends one request, even when the SDK retries. The official SDKs send a POST up to six
 * times, and each can be another paid job. An answer that is not 2xx is recorded here and thrown as a plain error,
 * which no SDK retries. A second send is refused.
 */
import { CONNECT_TIMEOUT } from "@visgate/shared/runtime/net";

const MAX_BODY_BYTES = 5 * 1024 * 1024;

export interface Answer {
  status: number;
  headers: Headers;
  /** Parsed when it is JSON, else text. */
  body: unknown;
}

/** `not_sent`: nothing reached the provider, which is proven. `no_answer`: sent, and the outcome is not known. */
export type Sent =
  | { kind: "not_sent"; cause: string }
  | { kind: "no_answer"; cause: string }
  | { kind: "answered"; answer: Answer };

export interface OneShot {
  fetch: typeof fetch;
  /** The outcome of the call; null before the first call. */
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
      sent = { kind: wasNotSent(error) ? "not_sent" : "no_answer", cause: causeOf(error) };
    }
    throw new Error("The one attempt failed.");
  }

  return { fetch: once as typeof fetch, sent: () => sent };
}

/** For SDK calls that send several requests: one to each URL, and none after a failed one. `sent`: of the last one. */
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

/** The answer if it is a 2xx, else null. */
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

const WITHOUT_BODY: readonly number[] = [204, 205];

/** A Response with the text. The text is decoded, so the headers about its encoding are removed. */
function copyOf({ status, headers }: Response, text: string): Response {
  const plain = new Headers(headers);
  for (const name of ["content-encoding", "content-length", "transfer-encoding"]) plain.delete(name);
  return new Response(WITHOUT_BODY.includes(status) ? null : text, { status, headers: plain });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Faults of connecting. After connecting, a lost route has the same codes, so the system call must match as well. */
const CONNECT_FAULTS = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "ETIMEDOUT"]);
const CONNECT_CALLS: readonly unknown[] = ["connect", "getaddrinfo"];

/** Whether the call failed before any byte of the request was sent. */
function wasNotSent(error: unknown): boolean {
  const root = rootOf(error);
  if (root === null) return false;
  const code = codeOf(root);
  const syscall = "syscall" in root ? root.syscall : undefined;
  return code === CONNECT_TIMEOUT || (CONNECT_FAULTS.has(code) && CONNECT_CALLS.includes(syscall));
}

/** The code or the name of the error. Not its message, which may contain an address or a header. */
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
