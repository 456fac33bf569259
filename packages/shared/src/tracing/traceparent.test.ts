import { expect, test } from "vitest";
import { formatTraceparent, parseTraceparent } from "./traceparent.js";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";

test.each([
  { text: `00-${TRACE}-${SPAN}-01`, isSampled: true },
  { text: `00-${TRACE}-${SPAN}-00`, isSampled: false },
  { text: `00-${TRACE}-${SPAN}-03`, isSampled: true },
  { text: `00-${TRACE}-${SPAN}-02`, isSampled: false },
  { text: `cc-${TRACE}-${SPAN}-01-what-the-future-will-be-like`, isSampled: true },
])("traceparent $text is valid", ({ text, isSampled }) => {
  expect(parseTraceparent(text)).toEqual({ traceId: TRACE, spanId: SPAN, isSampled });
});

test.each([
  ...[
    "",
    "00",
    `00-${TRACE}-${SPAN}`,
    `00-${TRACE}-${SPAN}-01-more`,
    `00-${TRACE}-${SPAN}-01-`,
    `ff-${TRACE}-${SPAN}-01`,
  ],
  ...[`00-${"0".repeat(32)}-${SPAN}-01`, `00-${TRACE}-${"0".repeat(16)}-01`, `00-${TRACE.toUpperCase()}-${SPAN}-01`],
  ...[` 00-${TRACE}-${SPAN}-01`, `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`, `00-${TRACE}-${SPAN}-1`],
])("traceparent '%s' is not valid", (text) => {
  expect(parseTraceparent(text)).toBeNull();
});

test("traceparent: the form of a recorded span has 55 characters and reads back", () => {
  const text = formatTraceparent({ traceId: TRACE, spanId: SPAN });
  expect(text).toHaveLength(55);
  expect(parseTraceparent(text)).toEqual({ traceId: TRACE, spanId: SPAN, isSampled: true });
});
