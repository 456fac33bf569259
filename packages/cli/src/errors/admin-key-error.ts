import { AuthenticationError } from "@visgate_ai/client";

/** The operator's key is missing or wrong. */
export class AdminKeyError extends AuthenticationError {
  override name = "AdminKeyError";
}
