/** What any program needs from its surroundings; everything else must come from the caller's configuration. */
const SURROUNDINGS = ["PATH", "HOME", "USER", "TMPDIR", "LANG", "TZ", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"];

/**
 * Splits what the services are given into surroundings (of this process) and configuration (of the caller). An empty
 * value counts as unset: `.env` files hold `SOME_KEY=` for "none".
 * @param {Record<string, string | undefined>} env
 */
export function serviceEnv(env) {
  const here = Object.fromEntries(SURROUNDINGS.map((name) => [name, process.env[name]]));
  return { base: withoutEmpty(here), config: withoutEmpty(env) };
}

/** @param {Record<string, string | undefined>} env @returns {Record<string, string>} */
function withoutEmpty(env) {
  /** @type {Record<string, string>} */
  const result = {};
  for (const [name, value] of Object.entries(env)) if (value) result[name] = value;
  return result;
}
