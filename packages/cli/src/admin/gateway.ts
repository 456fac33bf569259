/** Calls the operator's routes. They take the admin key, which the client does not have, and no API key. */
import {
  type Client,
  ConnectionError,
  RateLimitError,
  TimeoutError,
  ValidationError,
  VisgateError,
} from "@visgate_ai/client";
import { AdminKeyError } from "../errors/admin-key-error.js";
import { fromApiNames } from "../screen/api-fields.js";
import type { Session } from "../session.js";

const HEADER = "X-Visgate-Admin-Key";
/** A recount of a large ledger takes minutes. */
const TIMEOUT_MS = 600_000;
const CLASSES = new Map([
  [401, AdminKeyError],
  [422, ValidationError],
  [429, RateLimitError],
]);

export interface AdminCall {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** The path below /admin. */
  path: string;
  /** Its fields have the names of the API. */
  body?: object;
}

/** The answer in camelCase, as the client returns answers. */
export type CallAdmin = <T>(call: AdminCall) => Promise<T>;

/** Calls are not retried: the operator sees each failure. @throws AdminKeyError when there is no valid admin key */
export function openAdmin({ io, createClient }: Session): CallAdmin {
  const key = adminKey(io.env.adminKey);
  const { baseUrl }: Client = createClient();
  return async <T>({ method, path, body }: AdminCall) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const headers = { [HEADER]: key, ...(body === undefined ? {} : { "Content-Type": "application/json" }) };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    try {
      // A redirect would carry the admin key to another server.
      const response = await io.fetch(`${baseUrl}/admin${path}`, {
        method,
        headers,
        ...sent,
        redirect: "manual",
        signal,
      });
      return fromApiNames(await readAnswer(response)) as T;
    } catch (thrown) {
      throw thrown instanceof VisgateError ? thrown : noAnswer(thrown, signal);
    }
  };
}

/** The key is checked before it becomes a header, because fetch would repeat a wrong one in its error. */
function adminKey(key: string | undefined): string {
  if (key === undefined) throw refusal("No admin key was given.");
  if (!/^[!-~]+$/.test(key)) throw refusal("VISGATE_ADMIN_KEY has spaces, line ends or characters that are not ASCII.");
  return key;
}

const refusal = (message: string) => new AdminKeyError({ message, errorCode: "AUTHENTICATION_ERROR" });

async function readAnswer(response: Response): Promise<unknown> {
  const body = parseJson(await response.text());
  if (response.ok && typeof body === "object" && body !== null) return body;
  throw errorOf(response, body);
}

/** Null when the text is not JSON: then the answer is not the gateway's. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function errorOf({ ok, status, headers }: Response, body: unknown): VisgateError {
  const { error, message, details } = (body ?? {}) as Record<string, unknown>;
  const fields = { statusCode: status, httpRequestId: headers.get("x-request-id") };
  if (ok || typeof error !== "string" || typeof message !== "string") return notTheGateway(fields);
  const Class = CLASSES.get(status) ?? VisgateError;
  return new Class({ ...fields, errorCode: error, message, details: (details ?? {}) as Record<string, unknown> });
}

function notTheGateway(fields: { statusCode: number; httpRequestId: string | null }): VisgateError {
  const which = `The answer (HTTP ${fields.statusCode})`;
  const message = `${which} does not come from a Visgate gateway: check the base URL, and any proxy in between.`;
  return new VisgateError({ ...fields, errorCode: "UNEXPECTED_ANSWER", message });
}

function noAnswer(cause: unknown, signal: AbortSignal): VisgateError {
  if (signal.aborted) return new TimeoutError({ message: "No answer in time.", errorCode: "CLIENT_TIMEOUT", cause });
  return new ConnectionError({ message: "No answer from the gateway.", errorCode: "CONNECTION_ERROR", cause });
}
