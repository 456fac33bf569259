import { Hono } from "hono";
import type { Refusal } from "../core/accept.js";
import { type Job, jobState } from "../core/job.js";
import { jobsListed } from "../core/lists.js";
import type { NodeContext } from "../core/mishaps.js";
import { spoilPoll } from "../core/polls.js";
import type { SeenBy } from "../core/provider.js";
import type { Simulation } from "../core/simulation.js";
import { serveOutput } from "../media/routes.js";
import { detailsOf, isGone, NAME, videoBody } from "./answers.js";
import { apiError, invalidKey, noSuchVideo } from "./errors.js";
import { submit } from "./submit.js";
import { videoWords } from "./words.js";

/** This key is treated as revoked. A call without a key is accepted, as by a server in one's own network. */
const REVOKED_KEY = "invalid";
const DEFAULT_PAGE = 20;
const MAX_PAGE = 100;

function denial(c: NodeContext): Refusal | null {
  const header = c.req.header("authorization");
  return header === `Bearer ${REVOKED_KEY}` ? ["rejected: credentials", invalidKey(c)] : null;
}

function findVideo(c: NodeContext, { ledger, now }: Simulation): Job | null {
  const job = ledger.jobs.get(c.req.param("id") ?? "");
  return job?.provider === NAME && !isGone(job, now()) ? job : null;
}

function getVideo(c: NodeContext, simulation: Simulation): Response | Promise<Response> {
  simulation.ledger.polls += 1;
  const job = findVideo(c, simulation);
  if (job === null) return noSuchVideo(c);
  return spoilPoll(c, job, videoWords(simulation), simulation) ?? c.json(videoBody(job, simulation));
}

/** `GET /videos`: the newest first; `after` is the id of the last video of the page before. */
function listVideos(c: NodeContext, simulation: Simulation): Response {
  const listed = jobsListed(NAME, simulation);
  if (listed === null) return apiError(c, 403, { message: "You have no access to this list.", code: "forbidden" });
  const videos = listed.filter((job) => !isGone(job, simulation.now())).toReversed();
  const after = videos.findIndex(({ id }) => id === c.req.query("after"));
  const limit = Math.min(MAX_PAGE, Math.max(1, Number(c.req.query("limit")) || DEFAULT_PAGE));
  const page = videos.slice(after + 1, after + 1 + limit);
  return c.json({
    object: "list",
    data: page.map((job) => videoBody(job, simulation)),
    first_id: page[0]?.id ?? null,
    last_id: page.at(-1)?.id ?? null,
    has_more: after + 1 + limit < videos.length,
  });
}

async function getContent(c: NodeContext, simulation: Simulation): Promise<Response> {
  const job = findVideo(c, simulation);
  if (job === null || jobState(job, simulation.now()).phase !== "done") return noSuchVideo(c);
  if (detailsOf(job).isPrivate && c.req.header("authorization") === undefined) return invalidKey(c);
  if (job.disasters.output?.name === "output_missing") return noSuchVideo(c);
  return serveOutput(c, job, 0, simulation);
}

/** Stops a video that is not done; deletes one that is, with its film. */
async function deleteVideo(c: NodeContext, simulation: Simulation): Promise<Response> {
  const job = findVideo(c, simulation);
  if (job === null) return noSuchVideo(c);
  const at = simulation.now();
  await simulation.commit({ type: jobState(job, at).phase === "done" ? "deleted" : "cancelled", id: job.id, at });
  return c.json({ id: job.id, object: "video.deleted", deleted: true });
}

/** A server that speaks the OpenAI videos API. */
export function videoRoutes(seenBy: SeenBy) {
  const app = new Hono<{ Bindings: NodeContext["env"] }>();
  app.post("/v1/videos", (c) => submit(c, denial(c), seenBy(c)));
  app.use("/v1/*", async (c, next) => denial(c)?.[1] ?? next());
  app.get("/v1/videos", (c) => listVideos(c, seenBy(c)));
  app.get("/v1/videos/:id", (c) => getVideo(c, seenBy(c)));
  app.get("/v1/videos/:id/content", (c) => getContent(c, seenBy(c)));
  app.delete("/v1/videos/:id", (c) => deleteVideo(c, seenBy(c)));
  app.all("/*", (c) => apiError(c, 404, { message: "Unknown request URL.", code: "unknown_url" }));
  return app;
}
