/** Parts of the launcher that need no stack. */
import { expect, test } from "vitest";
import { isPortFree } from "../scripts/lib/processes/ports.mjs";
import { reserveReceiver } from "../scripts/lib/stack/parts.mjs";

type Context = Parameters<typeof reserveReceiver>[0];
const contextWith = (receiverPort?: number) => ({ state: { receiverPort } }) as unknown as Context;
const usual = { host: "127.0.0.1", ports: [8787], anyPort: false };

test("address for webhooks: is the one that the examples listen on, if no program uses it", async () => {
  const isFree = await isPortFree(8788);
  const context = contextWith();
  const origin = await reserveReceiver(context, usual);
  expect(origin === "http://127.0.0.1:8788").toBe(isFree);
  expect(await reserveReceiver(context, usual)).toBe(origin);
});

test.each([
  { what: "an API has that port", receiver: undefined, api: { ports: [8787, 8788] } },
  { what: "the stack takes any port", receiver: undefined, api: { anyPort: true } },
])("address for webhooks: has another port when $what", async ({ receiver, api }) => {
  const origin = await reserveReceiver(contextWith(receiver), { ...usual, ...api });
  expect(origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(origin).not.toContain(":8788");
});

test.each(["0.0.0.0", "::", "192.168.1.10"])("address for webhooks: none when the API listens on %s", async (host) => {
  expect(await reserveReceiver(contextWith(), { ...usual, host })).toBeUndefined();
});
