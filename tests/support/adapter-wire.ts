/** Conformance of an adapter to answers that the simulators do not give, from a server that counts the calls. */
import type { RequestListener } from "node:http";
import type { ProviderAdapter, SubmitInput } from "@visgate/providers";
import { describe, expect, onTestFinished, test } from "vitest";
import { pictureOf } from "./adapter-pictures.js";
import { startListener } from "./listeners.js";
import { createTestSignal } from "./signals.js";

export interface AdapterOnTheWire {
  createAdapter(baseUrl: string): ProviderAdapter;
  input: SubmitInput;
  /** The body of the answer to an accepted submit, without the id. */
  accepted: object;
  /** The field of the id in that body. */
  idField: string;
  /** Whether the provider has a list of jobs. */
  lists: boolean;
}

export const wireCall = () => ({ apiKey: "id:secret", signal: AbortSignal.timeout(5000) });

export function jsonAnswer(status: number, body: unknown, headers = {}): RequestListener {
  return (_request, response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(status === 204 ? undefined : JSON.stringify(body));
  };
}

/** Starts a server that gives this answer. Returns an adapter for it, and the calls that the server got. */
export async function adapterAgainst(createAdapter: (baseUrl: string) => ProviderAdapter, answer: RequestListener) {
  const listener = await startListener(answer);
  onTestFinished(listener.close);
  return { adapter: createAdapter(listener.origin), asked: listener.asked };
}

export function wireConformance(setup: AdapterOnTheWire): void {
  describe("submit: one POST for every answer", () => submits(setup));
  describe("answers that cannot be understood", () => invalidAnswers(setup));
  if (setup.lists) describe("locate: only reads", () => lists(setup));
}

function submits({ createAdapter, input, accepted, idField }: AdapterOnTheWire): void {
  async function submitTo(answer: RequestListener, signal = AbortSignal.timeout(5000)) {
    const { adapter, asked } = await adapterAgainst(createAdapter, answer);
    const result = await adapter.submit(input, { ...wireCall(), signal });
    expect(asked).toHaveLength(1);
    return result;
  }
  const errorBody = { error: "no", detail: "no", [idField]: "x" };
  const HINTS = { "x-should-retry": "true", "retry-after": "0", "retry-after-ms": "1", "x-fal-retryable": "true" };

  test("2xx with an id: the submit is accepted", async () => {
    const answer = jsonAnswer(201, { ...accepted, [idField]: "job-1" });
    expect(await submitTo(answer)).toMatchObject({ kind: "accepted", id: "job-1" });
  });

  test.each([400, 401, 402, 403, 404, 405, 409, 413, 422, 429])("%i: the submit is rejected", async (status) => {
    const result = await submitTo(jsonAnswer(status, errorBody, HINTS));
    expect(result).toMatchObject({ kind: "rejected", failure: { charged: false, retryable: status === 429 } });
  });

  test.each([408, 500, 502, 503, 504, 529])(
    "%i: the outcome is unknown, even when headers advise a retry",
    async (status) => {
      expect((await submitTo(jsonAnswer(status, errorBody, HINTS))).kind).toBe("unknown");
    },
  );

  test.each([301, 302, 307, 308])("redirect %i: is not followed, and the submit is rejected", async (status) => {
    const answer = jsonAnswer(status, {}, { location: "/elsewhere" });
    expect((await submitTo(answer)).kind).toBe("rejected");
  });

  test.each([{}, { [idField]: "" }, { [idField]: 7 }, { [idField]: null }, [[]], "text", null])(
    "200 with the body %j, which has no id: the outcome is unknown",
    async (body) => expect((await submitTo(jsonAnswer(200, body))).kind).toBe("unknown"),
  );

  test("204, which has no body: the outcome is unknown", async () => {
    expect((await submitTo(jsonAnswer(204, null))).kind).toBe("unknown");
  });

  test("connection that is reset: the outcome is unknown", async () => {
    expect((await submitTo((request) => request.socket.resetAndDestroy())).kind).toBe("unknown");
  });

  test("answer that is truncated: the outcome is unknown", async () => {
    const result = await submitTo((_request, response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
      response.write(`{"${idField}":"`, () => response.destroy());
    });
    expect(result.kind).toBe("unknown");
  });

  test.each(["before", "during"])("server that stops sending %s its answer: the outcome is unknown", async (when) => {
    const silent: RequestListener = (_request, response) => {
      if (when === "during") response.writeHead(200, { "content-type": "application/json" }).write("{");
    };
    expect((await submitTo(silent, AbortSignal.timeout(200))).kind).toBe("unknown");
  });

  test("result: contains neither the key nor text of the provider", async () => {
    for (const status of [400, 401, 403, 429, 500]) {
      const body = { error: "internals", detail: "internals", title: "internals" };
      expect(JSON.stringify(await submitTo(jsonAnswer(status, body)))).not.toMatch(/secret|internals/);
    }
  });
}

function invalidAnswers({ createAdapter, input }: AdapterOnTheWire): void {
  const job = { endpoint: input.endpoint, id: "job-1" };
  const image = { bytes: pictureOf(1), contentType: "image/jpeg" };

  test.each([[[]], {}, "text", null, 7, { status: 7 }, { status: "MIGRATING" }])(
    "200 with the body %j: a poll is unavailable, an account is not refused, an upload does not succeed",
    async (body) => {
      const { adapter } = await adapterAgainst(createAdapter, jsonAnswer(200, body));
      expect((await adapter.poll(job, wireCall())).kind).toBe("unavailable");
      expect((await adapter.account(wireCall())).kind).not.toBe("refused");
      expect((await adapter.upload(image, wireCall())).kind).not.toBe("uploaded");
    },
  );

  test.each([403, 429, 500])("account answered by %i: is unavailable, not refused", async (status) => {
    const { adapter, asked } = await adapterAgainst(createAdapter, jsonAnswer(status, {}));
    expect((await adapter.account(wireCall())).kind).toBe("unavailable");
    expect(asked).toHaveLength(1);
  });

  test.each([429, 500, 503])("upload answered by %i: is sent once at most", async (status) => {
    const { adapter, asked } = await adapterAgainst(createAdapter, jsonAnswer(status, {}, { "retry-after": "0" }));
    await adapter.upload(image, wireCall());
    expect(asked.length).toBeLessThanOrEqual(1);
  });

  test("poll with an endless answer: closes the connection, and is unavailable", async () => {
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

  test.each([301, 302, 307, 400, 401, 403, 404, 405, 422])(
    "%i: cannot tell, and a retry does not help",
    async (status) => {
      const answer = jsonAnswer(status, { detail: "internals" }, { location: "/elsewhere" });
      expect(await located(answer)).toMatchObject(cannotTell(true));
    },
  );

  test.each([408, 429, 500, 502, 503, 504])("%i: cannot tell after one call, and a retry may help", async (status) => {
    const answer = jsonAnswer(status, { detail: "internals" }, { "retry-after": "7" });
    expect(await located(answer)).toMatchObject({ ...cannotTell(false), retryAfterMs: 7000 });
  });

  test.each([{}, [[]], "text", null, 7, { items: 7, has_more: false }, { results: "many" }])(
    "200 with the body %j, which is not a list: cannot tell",
    async (body) => expect(await located(jsonAnswer(200, body))).toMatchObject(cannotTell(false)),
  );

  test("connection that is reset, and answer that never arrives: cannot tell", async () => {
    expect(await located((request) => request.socket.resetAndDestroy())).toMatchObject(cannotTell(false));
    expect(await located(() => {}, AbortSignal.timeout(200))).toMatchObject(cannotTell(false));
  });

  test("list with only other entries: the job is absent", async () => {
    const others = [null, 7, {}, { id: "", created_at: "" }, { request_id: "x", endpoint_id: input.endpoint }];
    const list = { next: null, results: others, items: others, data: others, has_more: false, next_cursor: null };
    expect(await located(jsonAnswer(200, list))).toEqual({ kind: "absent" });
  });
}
