/** The operator's calls, which the client for callers does not have. */
import { watchedFetch } from "./connection.js";

export interface Organization {
  id: string;
  name: string;
  created_at: string;
  time_zone: string;
  weight: number;
  /** Null: no limit. */
  requests_per_minute: number | null;
  max_in_flight: number | null;
  max_open: number | null;
}

export interface Admin {
  isAccepted(): Promise<boolean>;
  organizations(): Promise<Organization[]>;
}

export function createAdmin(serverUrl: string, key: string): Admin {
  const get = (path: string) =>
    watchedFetch(`${serverUrl}/api/v1/admin${path}`, { headers: { "X-Visgate-Admin-Key": key }, redirect: "error" });
  return {
    isAccepted: async () => (await get("/organizations")).ok,
    async organizations() {
      const response = await get("/organizations");
      const body = (await response.json()) as { organizations?: Organization[]; message?: string };
      if (!response.ok) throw new Error(body.message ?? `The server answered ${response.status}.`);
      return body.organizations ?? [];
    },
  };
}
