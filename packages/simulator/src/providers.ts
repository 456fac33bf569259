/** The simulated providers: one folder each, named as in the registry. */
import { PROVIDER_NAMES } from "@visgate/providers";
import type { SimulatedProvider } from "./core/provider.js";

interface Folder {
  open(dataDir: string): Promise<SimulatedProvider>;
}

/** A provider keeps what must outlive a restart, such as a signing key, in `dataDir`. */
export const openProviders = (dataDir: string): Promise<SimulatedProvider[]> =>
  Promise.all(
    PROVIDER_NAMES.map(async (name) => {
      const { open } = (await import(/* @vite-ignore */ `./${name}/index.js`)) as Folder;
      return open(dataDir);
    }),
  );
