/** A documented body, and values that all lists use. */

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
  /** The form fields that the provider receives, when the SDK sends the body as a form. */
  form?: Record<string, string>;
}
