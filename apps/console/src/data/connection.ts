/** Whether the server answers. */
import { signal } from "@preact/signals";

/** The URL of the server: the page is at /console below it. */
export const serverUrl = (): string => location.origin + location.pathname.replace(/\/console\/?$/, "");

/** The content policy of the page allows media only from this server, which may redirect to its bucket. */
export const isOwnUrl = (url: string): boolean => new URL(url, location.href).origin === location.origin;

export const isConnected = signal(true);

const CHECK_EVERY_MS = 1000;
let isChecking = false;

export const watchedFetch: typeof fetch = async (input, init) => {
  try {
    const response = await fetch(input, init);
    if (response.status === 503) noteOutage();
    return response;
  } catch (error) {
    if (init?.signal?.aborted !== true) noteOutage();
    throw error;
  }
};

/** A call that waits for events says nothing for half a minute, so health tells when the server is back. */
function noteOutage(): void {
  isConnected.value = false;
  if (isChecking) return;
  isChecking = true;
  const timer = setInterval(async () => {
    const response = await fetch(`${serverUrl()}/api/v1/health`).catch(() => null);
    if (response?.ok !== true) return;
    clearInterval(timer);
    isChecking = false;
    isConnected.value = true;
  }, CHECK_EVERY_MS);
}
