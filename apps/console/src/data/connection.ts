/** Whether the server answers, as the newest call saw it. */
import { signal } from "@preact/signals";

export const isConnected = signal(true);

export const watchedFetch: typeof fetch = async (input, init) => {
  try {
    const response = await fetch(input, init);
    isConnected.value = response.status !== 503;
    return response;
  } catch (error) {
    if (init?.signal?.aborted !== true) isConnected.value = false;
    throw error;
  }
};
