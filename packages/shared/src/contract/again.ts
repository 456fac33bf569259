/** `POST /requests/{id}/again`. */
import { z } from "zod";
import { imageResult } from "./image.js";
import { videoResult } from "./video.js";

/** As the answer of the call that made the request. */
export const generatedAgain = z.union([videoResult, imageResult]);
