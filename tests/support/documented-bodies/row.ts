/** A documented body, and values that all lists use. */

export const PROMPT = "A lighthouse at dusk";
/** The image of each request with `image: true`. */
export const IMAGE = "https://images.example.com/photo.jpg";
export const LAST_IMAGE = "https://images.example.com/last.jpg";
export const REFERENCE = "https://images.example.com/reference.jpg";
export const VIDEO = "https://media.example.com/clip.mp4";
export const SOUND = "https://media.example.com/voice.mp3";

/** The inputs of a request beside a first image, by role. `reference`: two images. */
export const MEDIA = {
  last: { role: "last", url: LAST_IMAGE },
  reference: { role: "reference", url: REFERENCE },
  video: { role: "video", url: VIDEO },
  audio: { role: "audio", url: SOUND },
} as const;
export type MediaName = keyof typeof MEDIA;

export interface DocumentedBody {
  model: string;
  request: {
    /** Left out for a model that takes none. */
    prompt?: string;
    image?: true;
    media?: readonly MediaName[];
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
