/** The caller's own provider keys. Each provider's `provider.json` names its header. */
import { PROVIDERS } from "@visgate/providers";
import { invalid } from "@visgate/shared/errors";
import { z } from "zod";
import type { Ctx } from "./route.js";

const PRINTABLE = /^[!-~]*$/;
const HEADERS = PROVIDERS.flatMap(({ manifest: { name, title, callerKeyHeader } }) =>
  callerKeyHeader === null ? [] : [{ provider: name, title, header: callerKeyHeader.toLowerCase() }],
);

export const callerKeyHeaders = z.object(
  Object.fromEntries(
    HEADERS.map(({ title, header }) => [
      header,
      z
        .string()
        .meta({ pattern: PRINTABLE.source })
        .optional()
        .describe(`The caller's own ${title} key, for this call.`),
    ]),
  ),
);

/** The caller's keys, by provider. */
export function readCallerKeys(c: Ctx): Record<string, string | undefined> {
  return Object.fromEntries(HEADERS.map(({ provider, header }) => [provider, checked(header, c)]));
}

/** Other characters could not be sent to the provider in a header. */
function checked(header: string, c: Ctx): string | undefined {
  const key = c.req.header(header);
  if (key === undefined || PRINTABLE.test(key)) return key;
  throw invalid(header, `${header} must be printable ASCII without spaces.`);
}
