/** What a browser may ask of the gateway, by method and path. All else does not exist here. */

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

/** All that request ids and model ids are made of. Nothing in it can be escaped, be a dot segment, or end a path. */
const SEGMENT = "[A-Za-z0-9][A-Za-z0-9._-]{0,127}";
const SAFE_SEGMENT = new RegExp(`^${SEGMENT}$`);

const MATCHERS = ROUTES.map(([method, path]) => ({ method, path: new RegExp(`^${patternOf(path)}$`) }));

export interface Target {
  /** Below the gateway's base path, as it is to be asked for. */
  path: string;
  /** What may be done with it, `OPTIONS` aside. */
  methods: readonly string[];
}

/** Null when the path is none of ours. The path that was matched is the very text that is sent on. */
export function findTarget(segments: readonly string[]): Target | null {
  if (!segments.every((segment) => SAFE_SEGMENT.test(segment))) return null;
  const path = segments.join("/");
  const methods = MATCHERS.filter((route) => route.path.test(path)).map((route) => route.method);
  if (methods.includes("GET")) methods.push("HEAD");
  return methods.length === 0 ? null : { path, methods };
}

/** `{id}` is one segment, `{id…}` one or more. */
function patternOf(path: string): string {
  return path.replace("{id…}", `${SEGMENT}(?:/${SEGMENT})*`).replace("{id}", SEGMENT);
}
