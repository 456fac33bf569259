/** The body of every error. */
import { z } from "zod";
import { ERROR_STATUS, type ErrorCode } from "../domain/errors.js";

const codes = Object.keys(ERROR_STATUS) as [ErrorCode, ...ErrorCode[]];

export const errorBody = z.object({
  error: z.enum(codes),
  message: z.string(),
  details: z.record(z.string(), z.unknown()),
});
