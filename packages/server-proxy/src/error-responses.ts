/** The proxy's own responses, with the error body of the gateway: `{error, message, details}`. */

/** Seconds after which the same call may succeed. */
const RETRY_AFTER = "2";

/** Thrown to end an exchange with a response of the proxy. */
export class Refusal extends Error {
  readonly response: Response;

  constructor(response: Response) {
    super(`refused with status ${response.status}`);
    this.name = "Refusal";
    this.response = response;
  }
}

export function errorResponse(
  status: number,
  code: string,
  message: string,
  { details = {}, headers = {} }: { details?: object; headers?: Record<string, string> } = {},
): Response {
  return new Response(JSON.stringify({ error: code, message, details }), {
    status,
    headers: { "Content-Type": "application/json", "Cache-Control": "no-store", ...headers },
  });
}

export const notFound = () => errorResponse(404, "NOT_FOUND", "There is nothing at this path.");

/** The code is NOT_FOUND, because the gateway has no code for a wrong method. */
export const methodNotAllowed = (allow: string) =>
  errorResponse(405, "NOT_FOUND", `This path accepts only ${allow}.`, { headers: { Allow: allow } });

export const payloadTooLarge = (maxBytes: number) =>
  errorResponse(413, "PAYLOAD_TOO_LARGE", `The body may have at most ${maxBytes} bytes.`, {
    details: { max_bytes: maxBytes },
  });

export const webhookUrlNotAllowed = () =>
  errorResponse(422, "VALIDATION_ERROR", "webhook_url cannot be set from a browser; leave it out.", {
    details: { field: "webhook_url" },
  });

/** For the operator, who has to correct the configuration. */
export const misconfigured = (message: string) => errorResponse(500, "INTERNAL_ERROR", message);

export const unavailable = () =>
  errorResponse(503, "UNAVAILABLE", "The gateway cannot be reached now; send the same call again shortly.", {
    headers: { "Retry-After": RETRY_AFTER },
  });

export const timedOut = () =>
  errorResponse(504, "UNAVAILABLE", "The gateway did not answer in time; send the same call again.", {
    headers: { "Retry-After": RETRY_AFTER },
  });

/**
 * 424, which no client retries by itself: the gateway may have accepted the generation, and without a key a repeated
 * call may be a second one.
 */
export const maybeAccepted = () =>
  errorResponse(
    424,
    "UNAVAILABLE",
    "The gateway's answer was lost, and it may have accepted the call: look in GET requests before you send it " +
      "again. With an Idempotency-Key a call can be repeated safely.",
  );

/** The browser has disconnected, so nobody reads this. 499 is the status that nginx logs in this case. */
export const clientClosedRequest = () => new Response(null, { status: 499 });
