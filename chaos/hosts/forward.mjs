/** Forwards a port of a host's address to the same port of its 127.0.0.1, where alone the simulator listens. */
import { connect } from "node:net";
import { startTcpProxy } from "../tcp-proxy.mjs";

const address = process.env["FORWARD_ADDRESS"] ?? "";
const port = Number(process.env["FORWARD_PORT"]);

process.on("disconnect", () => process.exit(0));
await startTcpProxy({
  ...{ address, port },
  open: () => connect(port, "127.0.0.1"),
  join: ([client, upstream]) => void client.pipe(upstream).pipe(client),
});
process.send?.({ type: "ready" });
