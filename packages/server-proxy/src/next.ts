/**
 * `@visgate_ai/server-proxy/next`: the route handlers of app/api/visgate/[...path]/route.ts, for Next.js 15 and later.
 * They read VISGATE_API_KEY and VISGATE_BASE_URL from the environment. This module imports nothing of Next itself.
 */
import { proxyToVisgate } from "./proxy.js";

/** The context that Next passes to a route handler. Its one catch-all parameter, of any name, holds the path. */
export interface RouteContext {
  params: Promise<{ [name: string]: string | string[] | undefined }>;
}

async function handle(request: Request, context: RouteContext): Promise<Response> {
  const pathSegments = Object.values(await context.params).find(Array.isArray) ?? [];
  return proxyToVisgate(request, { pathSegments });
}

export { handle as DELETE, handle as GET, handle as OPTIONS, handle as POST, handle as PUT };
