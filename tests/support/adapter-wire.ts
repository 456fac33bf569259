/** Answers the simulators do not give, by a server that counts: what every adapter makes of them. */
import type { RequestListener } from "node:http";
import type { ProviderAdapter, SubmitInput } from "@visgate/providers";
import { describe, expect, onTestFinished, test } from "vitest";
import { pictureOf } from "./adapter-pictures.js";
import { startListener } from "./listeners.js";
import { createTestSignal } from "./signals.js";

export interface AdapterOnTheWire {
  createAdapter(baseUrl: string): ProviderAdapter;
  input: SubmitInput;
  /** The body of an accepted submit, without the field of the id. */
  accepted: object;
  idField: string;
  /** Has the provider a list of jobs? */
  lists: boolean;
}

export const wireCall = () => ({ apiKey: "id:secret", signal: AbortSignal.timeout(5000) });

export function jsonAnswer(status: number, body: unknown, headers = {}): RequestListener {
  return (_request, response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(status === 204 ? undefined : JSON.stringify(body));
  };
}

/** An adapter for a server that answers like this, and what that server was asked. */
export async function adapterAgainst(createAdapter: (baseUrl: string) => ProviderAdapter, answer: RequestListener) {
  const listener = await startListener(answer);
  onTestFinished(listener.close);
  return { adapter: createAdapter(listener.origin), asked: listener.asked };
}

export function wireConformance(setup: AdapterOnTheWire): void {
  describe("one submit is one POST", () => submits(setup));
  describe("answers that are none", () => nonsense(setup));
  if (setup.lists) describe("a list is only read", () => lists(setup));
}

function submits({ createAdapter, input, accepted, idField }: AdapterOnTheWire): void {
  async function submitTo(answer: RequestListener, signal = AbortSignal.timeout(5000)) {
    const { adapter, asked } = await adapterAgainst(createAdapter, answer);
    const result = await adapter.submit(input, { ...wireCall(), signal });
    expect(asked).toHaveLength(1);
    return result;
  }
  const said = { error: "no", detail: "no", [idField]: "x" };
  const HINTS = { "x-should-retry": "true", "retry-after": "0", "retry-after-ms": "1", "x-fal-retryable": "true" };

  test("an id is accepted", async () => {
    const answer = jsonAnswer(201, { ...accepted, [idField]: "job-1" });
    expect(await submitTo(answer)).toEqual({ kind: "accepted", id: "job-1" });
  });

  test.each([400, 401, 402, 403, 404, 405, 409, 413, 422, 429])("%i was not taken", async (status) => {
    const result = await submitTo(jsonAnswer(status, said, HINTS));
    expect(result).toMatchObject({ kind: "rejected", failure: { charged: false, retryable: status === 429 } });
  });

  test.each([408, 500, 502, 503, 504, 529])("%i may have been taken, whatever hints it gives", async (status) => {
    expect((await submitTo(jsonAnswer(status, said, HINTS))).kind).toBe("unknown");
  });

  test.each([301, 302, 307, 308])("a redirect by %i is not followed", async (status) => {
    const answer = jsonAnswer(status, {}, { location: "/elsewhere" });
    expect((await submitTo(answer)).kind).toBe("rejected");
  });

  test.each([{}, { [idField]: "" }, { [idField]: 7 }, { [idField]: null }, [[]], "text", null])(
    "accepted with %j there is no id, so the outcome is unknown",
    async (body) => expect((await submitTo(jsonAnswer(200, body))).kind).toBe("unknown"),
  );

  test("204, which has no body, is unknown", async () => {
    expect((await submitTo(jsonAnswer(204, null))).kind).toBe("unknown");
  });

  test("a connection that is cut is unknown", async () => {
    expect((await submitTo((request) => request.socket.resetAndDestroy())).kind).toBe("unknown");
  });

  test("an answer that breaks off is unknown", async () => {
    const result = await submitTo((_request, response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
      response.write(`{"${idField}":"`, () => response.destroy());
    });
    expect(result.kind).toBe("unknown");
  });

  test.each(["before", "within"])("silence %s the answer is unknown when the time is up", async (when) => {
    const silent: RequestListener = (_request, response) => {
      if (when === "within") response.writeHead(200, { "content-type": "application/json" }).write("{");
    };
    expect((await submitTo(silent, AbortSignal.timeout(200))).kind).toBe("unknown");
  });

  test("nothing of the key or of what the provider said is told", async () => {
    for (const status of [400, 401, 403, 429, 500]) {
      const body = { error: "internals", detail: "internals", title: "internals" };
      expect(JSON.stringify(await submitTo(jsonAnswer(status, body)))).not.toMatch(/secret|internals/);
    }
  });
}

function nonsense({ createAdapter, input }: AdapterOnTheWire): void {
  const job = { endpoint: input.endpoint, id: "job-1" };
  const image = { bytes: pictureOf(1), contentType: "image/jpeg" };

  test.each([[[]], {}, "text", null, 7, { status: 7 }, { status: "MIGRATING" }])(
    "a poll answered %j is unavailable, an account is not refused, and no file is handed over",
    async (body) => {
      const { adapter } = await adapterAgainst(createAdapter, jsonAnswer(200, body));
      expect((await adapter.poll(job, wireCall())).kind).toBe("unavailable");
      expect((await adapter.account(wireCall())).kind).not.toBe("refused");
      expect((await adapter.upload(image, wireCall())).kind).not.toBe("uploaded");
    },
  );

  test.each([403, 429, 500])("an account is not refused by %i", async (status) => {
    const { adapter, asked } = await adapterAgainst(createAdapter, jsonAnswer(status, {}));
    expect((await adapter.account(wireCall())).kind).toBe("unavailable");
    expect(asked).toHaveLength(1);
  });

  test.each([429, 500, 503])("an upload answered %i is sent once", async (status) => {
    const { adapter, asked } = await adapterAgainst(createAdapter, jsonAnswer(status, {}, { "retry-after": "0" }));
    await adapter.upload(image, wireCall());
    expect(asked.length).toBeLessThanOrEqual(1);
  });

  test("an endless answer is cut, not swallowed", async () => {
    const closed = createTestSignal();
    const { adapter } = await adapterAgainst(createAdapter, (_request, response) => {
      response.once("close", closed.fire);
      response.writeHead(200, { "content-type": "application/json" });
      const chunk = Buffer.alloc(256 * 1024, " ");
      const more = () => {
        while (!response.destroyed && response.write(chunk));
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    });
    expect((await adapter.poll(job, wireCall())).kind).toBe("unavailable");
    await closed.reached(1);
  });
}

function lists({ createAdapter, input }: AdapterOnTheWire): void {
  async function located(answer: RequestListener, signal = AbortSignal.timeout(5000)) {
    const { adapter, asked } = await adapterAgainst(createAdapter, answer);
    const result = await adapter.locate({ ...input, sentAt: Date.now() }, { ...wireCall(), signal });
    expect(asked).toEqual([expect.stringMatching(/^GET /)]);
    expect(JSON.stringify(result)).not.toMatch(/secret|internals/);
    return result;
  }
  const cannotTell = (isFinal: boolean) => ({ kind: "cannot_tell", isFinal });

  test.each([301, 302, 307, 400, 401, 403, 404, 405, 422])("%i: asking again cannot help", async (status) => {
    const answer = jsonAnswer(status, { detail: "internals" }, { location: "/elsewhere" });
    expect(await located(answer)).toMatchObject(cannotTell(true));
  });

  test.each([408, 429, 500, 502, 503, 504])("%i: asked once, and again later", async (status) => {
    const answer = jsonAnswer(status, { detail: "internals" }, { "retry-after": "7" });
    expect(await located(answer)).toMatchObject({ ...cannotTell(false), retryAfterMs: 7000 });
  });

  test.each([{}, [[]], "text", null, 7, { items: 7, has_more: false }, { results: "many" }])(
    "%j is no list, and proves nothing",
    async (body) => expect(await located(jsonAnswer(200, body))).toMatchObject(cannotTell(false)),
  );

  test("a connection that is cut, and silence until the time is up, prove nothing", async () => {
    expect(await located((request) => request.socket.resetAndDestroy())).toMatchObject(cannotTell(false));
    expect(await located(() => {}, AbortSignal.timeout(200))).toMatchObject(cannotTell(false));
  });

  test("a list of other things is a list without the job", async () => {
    const others = [null, 7, {}, { id: "", created_at: "" }, { request_id: "x", endpoint_id: input.endpoint }];
    const list = { next: null, results: others, items: others, data: others, has_more: false, next_cursor: null };
    expect(await located(jsonAnswer(200, list))).toEqual({ kind: "absent" });
  });
}
