/** `POST /files`. */
import { z } from "zod";
import { requestId, time, uri } from "./formats.js";

export const uploadedFile = z.object({
  id: requestId.describe("The id of the file."),
  url: uri.describe("Names the file as image_url, image_urls, video_url or audio_url, and downloads it."),
  content_type: z
    .string()
    .meta({ example: "video/mp4" })
    .describe("By the bytes; of an image that was converted, the new type."),
  bytes: z.int(),
  created_at: time,
  expires_at: time.describe("From then on the file is not kept. A request that used it has a copy of its own."),
});
export type UploadedFile = z.infer<typeof uploadedFile>;
