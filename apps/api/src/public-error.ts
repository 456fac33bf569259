/** What a caller may see of anything thrown. */
import { VisgateError } from "@visgate/shared/errors";
import { isRedisAway } from "@visgate/shared/store";

export function publicError(error: unknown): VisgateError {
  if (error instanceof VisgateError) return error;
  if (isRedisAway(error)) {
    return new VisgateError("UNAVAILABLE", "The service cannot reach its queue now; send the same call again shortly.");
  }
  return new VisgateError("INTERNAL_ERROR", "Something went wrong on our side; send the same call again.");
}
