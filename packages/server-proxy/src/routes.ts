/** The calls that a browser may make, by method and path. All others are 404. */

const ROUTES: readonly (readonly [method: string, path: string])[] = [
  ["POST", "videos/generate"],
  ["POST", "images/generate"],
  ["POST", "generate"],
  ["GET", "requests"],
  ["GET", "requests/{id}"],
  ["DELETE", "requests/{id}"],
  ["GET", "requests/{id}/events"],
  ["POST", "requests/{id}/cancel"],
  ["GET", "models"],
  ["GET", "models/{id…}"],
  ["GET", "events"],
  ["GET", "health"],
];

/** The characters of request ids and model ids: no escapes, no dot segments, nothing that ends a path. */
const SEGMENT = "[A-Za-z0-9][A-Za-z0-9._-]{0,127}";
const SAFE_SEGMENT = new RegExp(`^${SEGMENT}$`);

const MATCHERS = ROUTES.map(([method, path]) => ({ method, path: new RegExp(`^${patternOf(path)}$`) }));

export interface Target {
  /** Below the gateway's base URL, ready to be sent. */
  path: string;
  /** The allowed methods, without `OPTIONS`. */
  methods: readonly string[];
}

/** Null when the path is not in the table. The returned path is the text that was matched, so nothing else is sent. */
export function findTarget(segments: readonly string[]): Target | null {
  if (!segments.every((segment) => SAFE_SEGMENT.test(segment))) return null;
  const path = segments.join("/");
  const methods = MATCHERS.filter((route) => route.path.test(path)).map((route) => route.method);
  if (methods.includes("GET")) methods.push("HEAD");
  return methods.length === 0 ? null : { path, methods };
}

/** `{id}` stands for one segment, `{id…}` for one or more. */
function patternOf(path: string): string {
  return path.replace("{id…}", `${SEGMENT}(?:/${SEGMENT})*`).replace("{id}", SEGMENT);
}
