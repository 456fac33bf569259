/** Should the SDK ever repeat a POST although it was told not to: the one shot alone must hold. */
import { createFreshFetch } from "@visgate/shared/net/fresh-fetch";
import { vi } from "vitest";
import { wireConformance } from "../../../tests/support/adapter-wire.js";
import { createRunwayAdapter } from "./runway.js";

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
    createRunwayAdapter({ baseUrl, fetch, freshFetch: createFreshFetch().fetch, now: Date.now }),
  input: { endpoint: "text_to_video", body: { model: "gen4.5", promptText: "x" }, webhookUrl: null },
  accepted: {},
  idField: "id",
});
