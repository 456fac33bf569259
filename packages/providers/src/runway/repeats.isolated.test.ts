/** The SDK here retries POSTs although maxRetries is 0. Our fetch alone must make sure that only one is sent. */
import { createLeanFetch } from "@visgate/shared/runtime/net";
import { vi } from "vitest";
import { wireConformance } from "../../../../tests/support/adapter-wire.js";
import { createRunwayAdapter } from "./adapter.js";

const kept = createLeanFetch({ freshConnections: false });
const fresh = createLeanFetch({ freshConnections: true });

vi.mock("@runwayml/sdk", async (importOriginal) => {
  const { default: RunwayML } = await importOriginal<typeof import("@runwayml/sdk")>();
  class Repeating extends RunwayML {
    override request<T>(options: Parameters<typeof RunwayML.prototype.request>[0]) {
      return super.request<T>(Promise.resolve(options).then((given) => ({ ...given, maxRetries: 2 })));
    }
  }
  Object.assign(Repeating.prototype, { calculateDefaultRetryTimeoutMillis: () => 1 });
  return { default: Repeating };
});

wireConformance({
  createAdapter: (baseUrl) =>
    createRunwayAdapter({
      baseUrl,
      urls: {},
      settings: null,
      fetch: kept.fetch,
      freshFetch: fresh.fetch,
      now: Date.now,
    }),
  input: { endpoint: "text_to_video", body: { model: "gen4.5", promptText: "x" }, reportUrl: null },
  accepted: {},
  idField: "id",
  lists: false,
});
