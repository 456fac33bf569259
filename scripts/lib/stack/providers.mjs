/**
 * The providers the launcher knows: what configures the real one, and where the simulator speaks its protocol (further
 * addresses of it by their variables).
 * @type {readonly {
 *   name: string, keyEnv: string, baseUrlEnv: string, simulatorPath: string, otherPaths?: Record<string, string>,
 * }[]}
 */
export const PROVIDERS = Object.freeze([
  {
    ...{ name: "fal", keyEnv: "FAL_KEY", baseUrlEnv: "FAL_BASE_URL", simulatorPath: "/fal" },
    otherPaths: { FAL_JWKS_URL: "/fal/.well-known/jwks.json", FAL_PLATFORM_URL: "/fal/platform/v1" },
  },
  {
    ...{ name: "replicate", keyEnv: "REPLICATE_API_TOKEN", baseUrlEnv: "REPLICATE_BASE_URL" },
    simulatorPath: "/replicate/v1",
  },
  { name: "runway", keyEnv: "RUNWAYML_API_SECRET", baseUrlEnv: "RUNWAY_BASE_URL", simulatorPath: "/runway" },
]);

/**
 * Providers without a key or a base URL of their own are simulated.
 * @param {Record<string, string>} env
 */
export function splitProviders(env) {
  const isReal = (/** @type {typeof PROVIDERS[number]} */ p) => Boolean(env[p.keyEnv] || env[p.baseUrlEnv]);
  return { real: PROVIDERS.filter(isReal), simulated: PROVIDERS.filter((provider) => !isReal(provider)) };
}

/**
 * The variables that point the given providers at the simulator.
 * @param {readonly typeof PROVIDERS[number][]} simulated
 * @param {string} simulatorUrl
 * @returns {Record<string, string>}
 */
export function simulatedEnv(simulated, simulatorUrl) {
  return Object.fromEntries(
    simulated.flatMap((provider) => [
      [provider.keyEnv, "simulator"],
      [provider.baseUrlEnv, `${simulatorUrl}${provider.simulatorPath}`],
      ...Object.entries(provider.otherPaths ?? {}).map(([name, path]) => [name, simulatorUrl + path]),
    ]),
  );
}
