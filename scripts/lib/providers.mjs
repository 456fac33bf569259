/**
 * The providers the launcher knows: what configures the real one, and where the simulator speaks its protocol.
 * @type {readonly { name: string, keyEnv: string, baseUrlEnv: string, simulatorPath: string }[]}
 */
export const PROVIDERS = Object.freeze([
  { name: "fal", keyEnv: "FAL_KEY", baseUrlEnv: "FAL_BASE_URL", simulatorPath: "/fal" },
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
    ]),
  );
}
