/** Generate images, with every option or from a prompt alone. */
import "./support/one-line-errors.mjs";
import { Client } from "@visgate_ai/client";

const client = new Client();

const { images } = await client.images.generate("fal-ai/flux/schnell", "a lighthouse", { width: 1024, numImages: 2 });
console.log(images);

const quick = await client.generate("a lighthouse at night");
console.log(quick.imageUrl, quick.estimatedCostUsd);
