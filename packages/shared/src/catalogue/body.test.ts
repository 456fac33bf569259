import { describe, expect, test } from "vitest";
import { bodyFor, catalogue } from "../../../../tests/support/catalogue.js";
import { DOCUMENTED_BODIES, type DocumentedBody, IMAGE } from "../../../../tests/support/documented-bodies.js";
import { variantFor } from "./inputs.js";

test.each(DOCUMENTED_BODIES)(
  "providerBody: $model sends the documented body $body",
  ({ model, request, endpoint, body }) => {
    expect(bodyFor(model, { prompt: "", ...request }, IMAGE)).toStrictEqual({ endpoint, body });
  },
);

describe("DOCUMENTED_BODIES is complete", () => {
  const rolesIn = ({ image, media = [] }: DocumentedBody["request"]) => [
    ...(image ? ["first" as const] : []),
    ...media,
  ];
  const variants = [...catalogue.values()].flatMap((model) =>
    Object.entries(model.variants).flatMap(([kind, variant]) =>
      variant ? [{ id: model.id, model, kind, variant }] : [],
    ),
  );

  // Variants for several inputs have the params of the others, so those count for them too.
  test.each(variants)(
    "$id $kind: has a row without params, and every param in some row",
    ({ id, model, kind, variant }) => {
      const all = DOCUMENTED_BODIES.filter((row) => row.model === id);
      const own = all.filter(({ request }) => variantFor(model, rolesIn(request)) === variant);
      const rows = kind === "text" || kind === "image" ? own : all;
      expect(own.length).toBeGreaterThan(0);
      expect(rows.some(({ request }) => request.params === undefined)).toBe(true);
      const used = new Set(rows.flatMap(({ request }) => Object.keys(request.params ?? {})));
      const fields = new Set([...used].map((name) => variant.params[name]?.field ?? name));
      for (const [name, { field }] of Object.entries(variant.params)) expect(fields).toContain(field ?? name);
      const lengths = new Set(rows.map(({ request }) => request.duration_seconds ?? 5));
      if (variant.duration !== undefined) expect(lengths.size).toBeGreaterThan(1);
    },
  );
});
