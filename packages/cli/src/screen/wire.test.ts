import { expect, test } from "vitest";
import { fromWire } from "../../../client/src/case.js";
import { feedEvent } from "../../../shared/src/contract/feed.js";
import { modelView } from "../../../shared/src/contract/model.js";
import { acknowledgement, cancelAnswer, requestStatus } from "../../../shared/src/contract/request.js";
import { timelineEntry } from "../../../shared/src/contract/timeline.js";
import { videoResult } from "../../../shared/src/contract/video.js";
import { toApi } from "./wire.js";

const SCHEMAS = [
  feedEvent,
  modelView,
  acknowledgement,
  cancelAnswer,
  requestStatus,
  videoResult,
  ...timelineEntry.options,
];
const names = SCHEMAS.flatMap((schema) => Object.keys(schema.shape));

test.each([...new Set(names)])("%s comes back from the client under its own name", (name) => {
  expect(toApi(fromWire({ [name]: null }))).toEqual({ [name]: null });
});

test("keys of maps are data, however deep", () => {
  const wire = {
    requests: [{ metadata: { orderId: "1", order_id: "2" }, output_urls: ["a_b"] }],
    params: { text: { aspect_ratio: { allowedValues: [1] } } },
    pricing: { perSecond: 1 },
  };
  expect(toApi(fromWire(wire))).toEqual(wire);
});
