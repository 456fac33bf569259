/** The proxy's own answers, in the error body of the gateway: `{error, message, details}`. */

/** Whole seconds after which the same call may work. */
const RETRY_AFTER = "2";

/** Thrown to end an exchange with the answer it carries. */
export class Refusal extends Error {
  readonly answer: Response;

  constructor(answer: Response) {
    super(`refused with status ${answer.status}`);
    this.name = "Refusal";
    this.answer = answer;
  }
}

export function errorAnswer(
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

export const notFound = () => errorAnswer(404, "NOT_FOUND", "There is nothing at this path.");

/** The gateway has no code for it: to its own callers, too, a wrong method is NOT_FOUND. */
export const wrongMethod = (allow: string) =>
  errorAnswer(405, "NOT_FOUND", `This path takes ${allow}.`, { headers: { Allow: allow } });

export const tooLarge = (maxBytes: number) =>
  errorAnswer(413, "PAYLOAD_TOO_LARGE", `The body may have at most ${maxBytes} bytes.`, {
    details: { max_bytes: maxBytes },
  });

export const noWebhookUrl = () =>
  errorAnswer(422, "VALIDATION_ERROR", "webhook_url cannot be set from a browser; leave it out.", {
    details: { field: "webhook_url" },
  });

/** For the operator, who has to set or mend an environment variable. */
export const misconfigured = (message: string) => errorAnswer(500, "INTERNAL_ERROR", message);

export const unavailable = () =>
  errorAnswer(503, "UNAVAILABLE", "The gateway cannot be reached now; send the same call again shortly.", {
    headers: { "Retry-After": RETRY_AFTER },
  });

export const tooSlow = () =>
  errorAnswer(504, "UNAVAILABLE", "The gateway did not answer in time; send the same call again.", {
    headers: { "Retry-After": RETRY_AFTER },
  });

/**
 * 424, which no client repeats by itself: the gateway may have accepted the generation, and without a key a repeated
 * call may be another one.
 */
export const lostAnswer = () =>
  errorAnswer(
    424,
    "UNAVAILABLE",
    "The gateway's answer was lost, and it may have accepted the call: look in GET requests before you send it again. " +
      "With an Idempotency-Key a call can be repeated safely.",
  );

/** Nobody reads it: the browser has gone. 499 is what nginx logs then. */
export const hungUp = () => new Response(null, { status: 499 });
