import { expect, test } from "vitest";
import { type Fixture, SHORT, start, VEO } from "../../test-support/harness.js";

/** The data of the events of a stream, and whether the server ended it. */
async function eventsOf(response: Response): Promise<{ events: Record<string, unknown>[]; isCut: boolean }> {
  let text = "";
  const reading = response.body?.pipeThrough(new TextDecoderStream()).pipeTo(
    new WritableStream({
      write: (chunk) => {
        text += chunk;
      },
    }),
  );
  const isCut = await (reading ?? Promise.reject()).then(
    () => false,
    () => true,
  );
  const events = text
    .split("\n\n")
    .flatMap((event) => (event === "" ? [] : [JSON.parse(event.slice("data: ".length))]));
  return { events, isCut };
}

async function openStream({ http, fal }: Pick<Fixture, "http" | "fal">, prompt: string = SHORT.prompt) {
  const { request_id: id } = await fal.queue.submit(VEO, { input: { ...SHORT, prompt } });
  return (init: RequestInit = {}) => http(`/fal/${VEO}/requests/${id}/status/stream`, init);
}

test.each([
  ["poll_429", 429, /json/, /concurrent_requests_limit/],
  ["poll_500", 500, /json/, /Internal Server Error/],
  ["poll_html", 500, /html/, /<h1>/],
] as const)("%s: spoils the opening of two status streams; the third is right", async (name, status, type, text) => {
  const fixture = await start();
  const open = await openStream(fixture);
  await fixture.disasters({ name, times: 2, retry_after: 7, match_prompt: "sea" });
  for (const _ of [1, 2]) {
    const spoilt = await open();
    expect([spoilt.status, spoilt.headers.get("retry-after")]).toEqual([status, status === 429 ? "7" : null]);
    expect(spoilt.headers.get("content-type")).toMatch(type);
    expect(await spoilt.text()).toMatch(text);
  }
  const { events, isCut } = await eventsOf(await open());
  expect([events.at(-1)?.["status"], isCut]).toEqual(["COMPLETED", false]);
  expect((await fixture.stats()).polls).toBe(3);
});

test("poll_hang: a status stream is not answered", async () => {
  const fixture = await start();
  const open = await openStream(fixture);
  await fixture.disasters({ name: "poll_hang", times: 1 });
  await expect(open({ signal: AbortSignal.timeout(200) })).rejects.toThrow(/timeout/);
  expect((await open()).status).toBe(200);
});

test("poll_unknown_status: spoils two events of a status stream, which goes on to its end", async () => {
  const fixture = await start();
  const open = await openStream(fixture);
  await fixture.disasters({ name: "poll_unknown_status", times: 2 });
  const { events } = await eventsOf(await open());
  const statuses = events.map(({ status }) => status);
  expect(statuses.filter((status) => status === "MIGRATING")).toHaveLength(2);
  expect(statuses.slice(0, 2)).toEqual(["MIGRATING", "MIGRATING"]);
  expect(statuses.at(-1)).toBe("COMPLETED");
});

test.each([
  { events: undefined, count: 1 },
  { events: 2, count: 2 },
  { events: 3, count: 3 },
])("stream_cut: closes a status stream after $count events; the next one is whole", async ({ events, count }) => {
  let at = Date.now();
  // Each look at the time is a second later, so that the stream sees every position on a machine of any speed.
  const now = () => {
    at += 1000;
    return at;
  };
  const fixture = await start({ now });
  await fixture.settings({ queue_seconds: 6, render_seconds: 2 });
  const open = await openStream(fixture);
  await fixture.disasters({ name: "stream_cut", times: 1, ...(events !== undefined && { events }) });
  const cut = await eventsOf(await open());
  expect({ count: cut.events.length, isCut: cut.isCut }).toEqual({ count, isCut: true });
  const whole = await eventsOf(await open());
  expect([whole.isCut, whole.events.at(-1)?.["status"]]).toEqual([false, "COMPLETED"]);
});
