/**
 * `@visgate_ai/server-proxy/next`: the route handlers of app/api/visgate/[...path]/route.ts, for Next.js 15 and later.
 * Configured by VISGATE_API_KEY and VISGATE_BASE_URL. Nothing of Next itself is needed.
 */
import { proxyToVisgate } from "./proxy.js";

/** Its one catch-all parameter has the path, whatever the folder calls it. */
export interface RouteContext {
  params: Promise<{ [name: string]: string | string[] | undefined }>;
}

async function handle(request: Request, context: RouteContext): Promise<Response> {
  const pathSegments = Object.values(await context.params).find(Array.isArray) ?? [];
  return proxyToVisgate(request, { pathSegments });
}

export { handle as DELETE, handle as GET, handle as OPTIONS, handle as POST, handle as PUT };
