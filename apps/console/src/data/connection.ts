/** Whether the server answers. */
import { signal } from "@preact/signals";

/** The URL of the server: the page is at /console below it. */
export const serverUrl = (): string => location.origin + location.pathname.replace(/\/console\/?$/, "");

/** The content policy of the page allows media only from this server, which may redirect to its bucket. */
export const isOwnUrl = (url: string): boolean => originOf(url) === location.origin;

/** "" of a text that is no URL. */
export function originOf(url: string): string {
  try {
    return new URL(url, location.href).origin;
  } catch {
    return "";
  }
}

export const isConnected = signal(true);

const CHECK_EVERY_MS = 1000;
const CHECK_TIMEOUT_MS = 5000;
let isChecking = false;

export const watchedFetch: typeof fetch = async (input, init) => {
  try {
    const response = await fetch(input, init);
    if (response.status === 503) void noteOutage();
    return response;
  } catch (error) {
    if (init?.signal?.aborted !== true) void noteOutage();
    throw error;
  }
};

/** A call that waits for events says nothing for half a minute, so health tells when the server is back. */
async function noteOutage(): Promise<void> {
  isConnected.value = false;
  if (isChecking) return;
  isChecking = true;
  while (!isConnected.value) {
    await new Promise((resolve) => setTimeout(resolve, CHECK_EVERY_MS));
    const signal = AbortSignal.timeout(CHECK_TIMEOUT_MS);
    const response = await fetch(`${serverUrl()}/api/v1/health`, { signal }).catch(() => null);
    isConnected.value = response?.ok === true;
  }
  isChecking = false;
}
