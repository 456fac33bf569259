import type { NodeContext } from "../core/mishaps.js";

interface ApiError {
  message: string;
  type?: string;
  param?: string | null;
  code?: string | null;
}

/** An error answer of the OpenAI API. */
export function apiError(c: NodeContext, status: 400 | 401 | 403 | 404 | 429 | 500 | 503, error: ApiError): Response {
  return c.json({ error: { type: "invalid_request_error", param: null, code: null, ...error } }, status);
}

export const invalidKey = (c: NodeContext): Response =>
  apiError(c, 401, { message: "Incorrect API key provided.", code: "invalid_api_key" });

export const noSuchVideo = (c: NodeContext): Response =>
  apiError(c, 404, { message: "No video with this id was found.", code: "not_found" });
