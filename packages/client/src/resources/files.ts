/** `client.files`: files that generations start from. */
import type { Http } from "../http.js";
import type { UploadedFile } from "../types.generated.js";

export interface Files {
  /**
   * Uploads an image, a video or a sound of at most 100 MB (images: 32 MB). Its `url` is an `imageUrl`, `videoUrl`,
   * `audioUrl` or an entry of `imageUrls` of later calls, until `expiresAt`.
   * @throws ValidationError the gateway does not take this type of file
   */
  upload(file: Blob | ArrayBuffer | Uint8Array, options?: { signal?: AbortSignal | undefined }): Promise<UploadedFile>;
}

export function createFiles(http: Http): Files {
  return {
    async upload(file, { signal } = {}) {
      const form = new FormData();
      // The gateway decides by the bytes what it is.
      form.append("file", file instanceof Blob ? file : new Blob([file as ArrayBuffer]), "file");
      return http.json({ method: "POST", path: "/files", body: form, expected: { url: "string" }, signal });
    },
  };
}
