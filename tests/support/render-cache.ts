/** The folder where all simulators store their renders, so that other simulators and the next run can use them. */
import { inRoot } from "../../scripts/lib/paths.mjs";

export const RENDER_CACHE_DIR = inRoot("node_modules/.cache/visgate/renders");
