import { type Context, Hono } from "hono";
import { billLines, jobReports } from "./billing.js";
import { statistics } from "./ledger.js";
import { settingsPatchSchema } from "./settings.js";
import type { Simulation } from "./simulation.js";

async function putSettings(c: Context, { settings }: Simulation): Promise<Response> {
  const body: unknown = await c.req.json().catch(() => null);
  const patch = settingsPatchSchema.safeParse(body);
  if (!patch.success) return c.json({ error: "invalid settings", issues: patch.error.issues }, 400);
  settings.patch(patch.data);
  return c.json(settings.show());
}

/** Shows a test what the simulator received, and lets the test choose what goes wrong. */
export function controlRoutes(simulation: Simulation): Hono {
  const { ledger, settings, now, commit } = simulation;
  const app = new Hono();
  app.get("/stats", (c) => c.json(statistics(ledger, now())));
  app.get("/requests", (c) => c.json(ledger.submits));
  app.get("/jobs", (c) => c.json(jobReports(ledger, now())));
  app.get("/bills", (c) => c.json(billLines(ledger, now())));
  app.get("/settings", (c) => c.json(settings.show()));
  app.put("/settings", (c) => putSettings(c, simulation));
  app.delete("/settings", (c) => {
    settings.reset();
    return c.json(settings.show());
  });
  app.post("/reset", async (c) => {
    settings.reset();
    await commit({ type: "reset", at: now() });
    return c.json(statistics(ledger, now()));
  });
  return app;
}
