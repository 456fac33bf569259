import type { RequestListener } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type Listener, startListener, startTcpListener } from "../../../../../tests/support/listeners.js";
import { createTestSignal } from "../../../../../tests/support/signals.js";
import { createGuardedFetch, fetchFault } from "./guard.js";
import { isBlockedAddress } from "./urls.js";

const BLOCKED = "The address is private, internal or reserved.";

const isBlockedButLoopback = (address: string) => address !== "127.0.0.1" && isBlockedAddress(address);
const ANY_SCHEME = ["http:", "https:"];

/** A guard for which only 127.0.0.1 is public, and http is as good as https. */
function guarded(isBlocked = isBlockedButLoopback, schemes = ANY_SCHEME) {
  const guard = createGuardedFetch({ allowPrivate: false, allowedOrigins: new Set() }, { isBlocked, schemes });
  onTestFinished(guard.close);
  return guard.fetch;
}
const faultOf = (fetching: Promise<unknown>) =>
  fetching.then(
    () => "got through",
    (error: unknown) => fetchFault(error),
  );

/** `/3` redirects to `/2`, and so on to `/0`, which answers with the headers of its request. */
const countdown: RequestListener = (request, response) => {
  const left = Number(request.url?.slice(1));
  if (left > 0) response.writeHead(302, { location: `/${left - 1}` }).end("moved");
  else response.end(JSON.stringify(request.headers));
};
let server: Listener;
beforeAll(async () => {
  server = await startListener(countdown);
});
afterAll(() => server.close());

describe("redirects", () => {
  test("are followed three times, and the answer has the last URL", async () => {
    const response = await guarded()(`${server.origin}/3`, {});
    expect(response).toMatchObject({ status: 200, ok: true, url: `${server.origin}/0` });
    await text(response.body);
  });

  test("are an error the fourth time", async () => {
    server.asked.length = 0;
    expect(await faultOf(guarded()(`${server.origin}/4`, {}))).toBe("There are more than 3 redirects.");
    expect(server.asked).toHaveLength(4);
  });

  test('a redirect is not followed for a POST, nor with the option `redirect: "error"`', async () => {
    server.asked.length = 0;
    const fetch = guarded();
    expect(await faultOf(fetch(`${server.origin}/1`, { method: "POST", body: "x" }))).toBe("The answer is a redirect.");
    expect(await faultOf(fetch(`${server.origin}/1`, { redirect: "error" }))).toBe("The answer is a redirect.");
    expect(server.asked).toHaveLength(2);
  });

  test.each(["http://127.0.0.2:1/", "http://[::1]:1/", "http://0x7f.2:1/", "//127.0.0.2:1/x", "http://10.0.0.1/"])(
    "a hop to %s is refused as a blocked address",
    async (location) => {
      const from = await startListener((_request, response) => void response.writeHead(307, { location }).end());
      onTestFinished(from.close);
      expect(await faultOf(guarded()(from.origin, {}))).toBe(BLOCKED);
    },
  );

  /** Without TLS on this machine, http stands for the one scheme that is allowed, and https for another one. */
  test("to another scheme than the allowed one are refused, at each hop", async () => {
    const other = await startListener(countdown);
    const hops = await startListener((request, response) => {
      const location = request.url === "/2" ? "/1" : other.origin.replace("http:", "https:");
      response.writeHead(302, { location }).end();
    });
    for (const { close } of [other, hops]) onTestFinished(close);
    const fetch = guarded(isBlockedButLoopback, ["http:"]);
    expect(await faultOf(fetch(`${hops.origin}/2`, {}))).toBe(
      "The URL begins with https://, and only http is allowed.",
    );
    expect([hops.asked, other.connections]).toEqual([["GET /2", "GET /1"], 0]);
  });

  test("from a guarded URL to an allowed origin are refused", async () => {
    const inside = await startListener(countdown);
    const from = await startListener((_request, response) => {
      response.writeHead(302, { location: `http://127.0.0.2:${inside.port}/0` }).end();
    });
    for (const { close } of [inside, from]) onTestFinished(close);
    const allowedOrigins = new Set([`http://127.0.0.2:${inside.port}`]);
    const guard = createGuardedFetch(
      { allowPrivate: false, allowedOrigins },
      { isBlocked: (address) => address !== "127.0.0.1", schemes: ANY_SCHEME },
    );
    onTestFinished(guard.close);
    expect(await faultOf(guard.fetch(from.origin, {}))).toBe(BLOCKED);
    expect(inside.asked).toEqual([]);
  });

  test.each(["ftp://127.0.0.1/", "file:///etc/hosts", "http://user:pass@127.0.0.1/", "http://[", "http:// /"])(
    "a hop to %s is an error",
    async (location) => {
      const from = await startListener((_request, response) => void response.writeHead(302, { location }).end());
      onTestFinished(from.close);
      expect(await faultOf(guarded()(from.origin, {}))).not.toBe("got through");
    },
  );

  test("to another origin do not get the credentials", async () => {
    const from = await startListener((_request, response) => {
      response.writeHead(302, { location: `${server.origin}/0` }).end();
    });
    onTestFinished(from.close);
    const headers = { Authorization: "Bearer x", cookie: "a=b", range: "bytes=0-" };
    const elsewhere = JSON.parse(await text((await guarded()(from.origin, { headers })).body));
    expect(elsewhere).toMatchObject({ range: "bytes=0-" });
    expect(Object.keys(elsewhere)).not.toEqual(expect.arrayContaining([expect.stringMatching(/authorization|cookie/)]));
    const same = JSON.parse(await text((await guarded()(`${server.origin}/1`, { headers })).body));
    expect(same).toMatchObject({ authorization: "Bearer x", cookie: "a=b" });
  });
});

describe("the peer's address", () => {
  /** Lets an address pass the first time, as a name that resolves to another address the next time. */
  function rebinding() {
    const seen = new Set<string>();
    return (address: string) => {
      const again = seen.has(address);
      seen.add(address);
      return again;
    };
  }

  test.each(["http", "https"])("is checked again after connecting, before a byte is sent over %s", async (scheme) => {
    let bytes = 0;
    const closed = createTestSignal();
    const inside = await startTcpListener((socket) => {
      socket.on("data", (chunk) => {
        bytes += chunk.byteLength;
      });
      socket.once("close", closed.fire);
    });
    onTestFinished(inside.close);
    expect(await faultOf(guarded(rebinding())(`${scheme}://127.0.0.1:${inside.port}/`, {}))).toBe(BLOCKED);
    await closed.reached(1);
    expect(bytes).toBe(0);
  });
});
