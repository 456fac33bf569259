/** Errors as Runway writes them. Its SDKs make an error of the class of the status, and show the whole body. */
import type { VisgateError } from "@visgate/shared/errors";
import type { ErrorShape } from "../../http/errors.js";
import { inTheirNames } from "../their-names.js";

const NAMES = { prompt: "promptText", image_url: "promptImage", duration_seconds: "duration" };

export const errorShape: ErrorShape = {
  body(error: VisgateError) {
    const { message, details } = inTheirNames(error, NAMES);
    const { field, allowed } = details;
    if (typeof field !== "string") return { error: message, code: error.code };
    const path = field.split(".").map((part) => (/^\d+$/.test(part) ? Number(part) : part));
    return { error: message, code: error.code, issues: [{ code: "custom", path, message, allowed }] };
  },
};
