import { describe, expect, test } from "vitest";
import { bodyFor, catalogue } from "../../../../tests/support/catalogue.js";
import { DOCUMENTED_BODIES, IMAGE } from "../../../../tests/support/documented-bodies.js";

test.each(DOCUMENTED_BODIES)(
  "providerBody: $model sends the documented body $body",
  ({ model, request, endpoint, body }) => {
    expect(bodyFor(model, request, IMAGE)).toStrictEqual({ endpoint, body });
  },
);

describe("DOCUMENTED_BODIES is complete", () => {
  const variants = [...catalogue.values()].flatMap(({ id, variants: { text, image } }) => [
    ...(text === undefined ? [] : [{ id, image: false, variant: text }]),
    ...(image === undefined ? [] : [{ id, image: true, variant: image }]),
  ]);

  test.each(variants)("$id, image=$image: has a row without params, and every param in some row", (one) => {
    const rows = DOCUMENTED_BODIES.filter(({ model, request }) => model === one.id && !!request.image === one.image);
    expect(rows.some(({ request }) => request.params === undefined)).toBe(true);
    const used = new Set(rows.flatMap(({ request }) => Object.keys(request.params ?? {})));
    const fields = new Set([...used].map((name) => one.variant.params[name]?.field ?? name));
    for (const [name, { field }] of Object.entries(one.variant.params)) expect(fields).toContain(field ?? name);
    const lengths = new Set(rows.map(({ request }) => request.duration_seconds ?? 5));
    if (one.variant.duration !== undefined) expect(lengths.size).toBeGreaterThan(1);
  });
});
