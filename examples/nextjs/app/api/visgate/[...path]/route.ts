export { DELETE, GET, OPTIONS, POST, PUT } from "@visgate_ai/server-proxy/next";
