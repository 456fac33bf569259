import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { falAt, SHORT, temporaryDir, until, VEO } from "../test-support/harness.js";

/** The shortest time between two polls of one job by the gateway's fal adapter. */
const FAL_POLL_MS = 500;

const MAIN = fileURLToPath(new URL("../dist/main.js", import.meta.url));

function launch(environment: Record<string, string>): ChildProcess {
  const child = fork(MAIN, [], {
    // Without the flags of Vitest, which resolve imports to the sources.
    execArgv: [],
    stdio: "pipe",
    env: { PATH: process.env["PATH"], SIMULATOR_PORT: "0", ...environment },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

async function ready(child: ChildProcess): Promise<string> {
  const [message] = (await once(child, "message")) as [{ type: string; url: string }];
  expect(message.type).toBe("ready");
  return message.url;
}

test("kill -9: the next start finishes a render that had begun", async () => {
  const environment = { SIMULATOR_DATA_DIR: await temporaryDir(), SIMULATOR_RENDER_SECONDS: "0.5" };
  const first = launch(environment);
  const { request_id: requestId } = await falAt(await ready(first)).queue.submit(VEO, { input: SHORT });
  first.kill("SIGKILL");
  await once(first, "exit");

  const url = await ready(launch(environment));
  const fal = falAt(url);
  await until(async () => (await fal.queue.status(VEO, { requestId })).status === "COMPLETED");
  const { data } = await fal.queue.result(VEO, { requestId });
  expect(
    Buffer.from(await (await fetch(data.video.url)).arrayBuffer())
      .subarray(4, 8)
      .toString(),
  ).toBe("ftyp");
  expect(await (await fetch(`${url}/control/stats`)).json()).toMatchObject({ submits: 1 });
});

test.each(["SIGTERM", "SIGINT", "disconnect"] as const)(
  "%s: ends the process at once, even while it renders",
  async (how) => {
    const child = launch({ SIMULATOR_DATA_DIR: await temporaryDir(), SIMULATOR_RENDER_SECONDS: "60" });
    await falAt(await ready(child)).queue.submit(VEO, { input: SHORT });
    const asked = Date.now();
    if (how === "disconnect") child.disconnect();
    else child.kill(how);
    const [code] = await once(child, "exit");
    expect(code).toBe(0);
    expect(Date.now() - asked).toBeLessThan(20_000);
  },
);

test.each(["0.0.0.0", "::", "192.168.1.10", "example.com", "127.0.0.1.example.com", ""])(
  "SIMULATOR_HOST=%j: the process refuses to listen",
  async (host) => {
    const child = launch({ SIMULATOR_DATA_DIR: await temporaryDir(), SIMULATOR_HOST: host });
    let said = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    const [code] = await once(child, "close");
    expect(code).toBe(1);
    expect(said).toMatch(/^simulator: the simulator listens on loopback addresses only.*\n$/);
  },
);

test("settings by default: a render takes 4 s, after 2 s in the queue, so each of its 3 positions outlasts a poll", async () => {
  const url = await ready(launch({ SIMULATOR_DATA_DIR: await temporaryDir() }));
  const settings = (await (await fetch(`${url}/control/settings`)).json()) as { queue_seconds: number };
  expect(settings).toMatchObject({ render_seconds: 4, queue_seconds: 2 });
  expect((settings.queue_seconds * 1000) / 3).toBeGreaterThan(FAL_POLL_MS);
});

test("settings: an invalid SIMULATOR_PORT ends the process with exit code 1", async () => {
  const child = launch({ SIMULATOR_DATA_DIR: await temporaryDir(), SIMULATOR_PORT: "http" });
  const [code] = await once(child, "close");
  expect(code).toBe(1);
});
