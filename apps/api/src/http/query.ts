/** Reads the query of a call. A name that is given twice would be ambiguous. */
import { invalid } from "@visgate/shared/errors";
import type { z } from "zod";
import type { Ctx } from "./route.js";
import { validate } from "./validate.js";

export function readQuery<Schema extends z.ZodType>(c: Ctx, schema: Schema): z.output<Schema> {
  const given = Object.entries(c.req.queries());
  for (const [name, values] of given) {
    if (values.length > 1) throw invalid(name, `${name} is given ${values.length} times; give it once.`);
  }
  return validate(schema, Object.fromEntries(given.map(([name, [value]]) => [name, value])));
}
