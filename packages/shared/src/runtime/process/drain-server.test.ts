import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { expect, test } from "vitest";
import { createDrain } from "./drain-server.js";

/** Node itself would close after 5 s. */
const SOON_MS = 4000;
const GET = "GET / HTTP/1.1\r\nHost: drain.test\r\n\r\n";

test("drain: an answer that was begun before the drain closes its connection at its end", async () => {
  const answers: ServerResponse[] = [];
  const server = createServer((_request, response) => {
    answers.push(response);
    response.write("begun");
  });
  const drain = createDrain(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const [streaming, incomplete] = [connect(port, "127.0.0.1"), connect(port, "127.0.0.1")];
  incomplete.resume().write("GET / HTTP");
  streaming.write(GET);
  await once(streaming, "data");
  const drained = drain();
  await once(incomplete, "close"); // the last connection that the drain closes; the answer ends later
  const endedAt = performance.now();
  streaming.resume();
  answers[0]?.end();
  await drained;
  expect(performance.now() - endedAt).toBeLessThan(SOON_MS);
});
