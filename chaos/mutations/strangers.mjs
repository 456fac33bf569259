/** What callers, receivers and other hosts send cannot do harm. */
import { API, SHARED, WORKER } from "./places.mjs";

/** @type {readonly import("./list.mjs").Mutation[]} */
export const STRANGERS = [
  {
    protection: "a webhook never goes to an internal address",
    file: `${SHARED}/runtime/net/guard.ts`,
    find: `addresses.some(({ address }) => isBlocked(address))`,
    replace: `addresses.some(() => false)`,
    tests: [`${SHARED}/runtime/net/guard.test.ts`],
    faults: "F29",
  },
  {
    protection: "a redirect is checked like its first URL",
    file: `${SHARED}/runtime/net/guard.ts`,
    find: `if (redirects === MAX_REDIRECTS) throw`,
    replace: `if (redirects === 1000) throw`,
    tests: [`${SHARED}/runtime/net`],
    faults: "F16",
  },
  {
    protection: "a deeply nested body is refused",
    file: `${API}/http/body.ts`,
    find: `  if (levels === 0) throw`,
    replace: `  if (levels === -1000) throw`,
    tests: [`${API}/bad-input.test.ts`],
    faults: "F23",
  },
  {
    protection: "no secret reaches the log",
    file: `${SHARED}/runtime/log.ts`,
    find: `formatters: { log: (fields: object) => redactFields({ ...fields }) },`,
    replace: "",
    tests: [`${SHARED}/runtime/log.test.ts`],
  },
  {
    protection: "of IPv6 only global addresses are allowed",
    file: `${SHARED}/runtime/net/urls.ts`,
    find: `return parsed.kind() === "ipv6" && !isWithin(parsed, GLOBAL_UNICAST_V6);`,
    replace: "return false;",
    tests: [`${SHARED}/runtime/net/urls.test.ts`, `${SHARED}/runtime/net/guard.test.ts`],
    faults: "F29",
  },
  {
    protection: "outputs and webhooks go over https only",
    file: `${SHARED}/runtime/net/guard.ts`,
    find: `const SECURE = ["https:"];`,
    replace: `const SECURE = ["http:", "https:"];`,
    tests: [`${SHARED}/runtime/net`, `${WORKER}/provider/copy-output.test.ts`],
    faults: "F16, F29",
  },
  {
    protection: "wrong keys are slowed",
    file: `${API}/http/wrong-keys.ts`,
    find: `return window.count > ALLOWED ? tooMany(window.until - now) : null;`,
    replace: "return null;",
    tests: [`${API}/wrong-keys.test.ts`],
  },
];
