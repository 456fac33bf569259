/** What the lists of documented bodies share. */

export const PROMPT = "A lighthouse at dusk";
/** The image of each request with `image: true`. */
export const IMAGE = "https://images.example.com/photo.jpg";
export const LAST_IMAGE = "https://images.example.com/last.jpg";

export interface DocumentedBody {
  model: string;
  request: {
    prompt: string;
    image?: true;
    duration_seconds?: number;
    width?: number;
    height?: number;
    num_images?: number;
    params?: Record<string, string | number | boolean | { width: number; height: number }>;
  };
  endpoint: string;
  body: Record<string, unknown>;
  /** What arrives at the provider, where the SDK makes a form of the body. */
  form?: Record<string, string>;
}
