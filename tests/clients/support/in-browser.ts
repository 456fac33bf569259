/** Bundled for a page: makes all of the client reachable for what a test evaluates there. */
import * as client from "@visgate_ai/client";

declare global {
  var visgate: typeof import("@visgate_ai/client");
}

globalThis.visgate = client;
