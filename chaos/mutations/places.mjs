/** Where the protections and their tests are. */
export const WORKER = "apps/worker/src";
export const API = "apps/api/src";
export const SHARED = "packages/shared/src";
export const STORE_TESTS = [`${SHARED}/store/store.test.ts`];
