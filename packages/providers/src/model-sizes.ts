/** Sizes that entries of several providers list. */

/** Listed sizes out of a shape or the provider's own name, and the pixels as "1344x768". */
export const listedSizes = (pixels: Readonly<Record<string, string>>) =>
  Object.entries(pixels).map(([value, text]) => {
    const [width = 0, height = 0] = text.split("x").map(Number);
    return { value, width, height };
  });

/** FLUX.1 images of about one megapixel, as in its open inference server, cog-flux. */
export const FLUX_SIZES = listedSizes({
  ...{ "1:1": "1024x1024", "16:9": "1344x768", "21:9": "1536x640", "3:2": "1216x832", "2:3": "832x1216" },
  ...{ "4:5": "896x1088", "5:4": "1088x896", "3:4": "896x1152", "4:3": "1152x896", "9:16": "768x1344" },
  ...{ "9:21": "640x1536" },
});

/** Gemini's images of about one megapixel, as the ratios of gemini_image3.1_flash in the types of an SDK of 2026-09. */
export const GEMINI_SIZES = listedSizes({
  ...{ "1:1": "1024x1024", "16:9": "1344x768", "9:16": "768x1344", "4:3": "1184x864", "3:4": "864x1184" },
  ...{ "3:2": "1248x832", "2:3": "832x1248", "5:4": "1152x896", "4:5": "896x1152", "21:9": "1536x672" },
  ...{ "4:1": "2048x512", "1:4": "512x2048", "8:1": "2816x352", "1:8": "352x2816" },
});

/** Seedream's 2K sizes, as the ratios of seedream5_lite in the types of the same SDK. */
export const SEEDREAM_SIZES = listedSizes({
  ...{ "1:1": "2048x2048", "4:3": "2304x1728", "3:4": "1728x2304", "16:9": "2848x1600", "9:16": "1600x2848" },
  ...{ "3:2": "2496x1664", "2:3": "1664x2496", "21:9": "3136x1344" },
});
