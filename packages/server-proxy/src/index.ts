/** `@visgate_ai/server-proxy`: lets browsers use a gateway through your own server, which keeps the key. */
export { type ProxyOptions, proxyToVisgate } from "./proxy.js";
