# One image for the API, the worker and the simulator: the command says which (docker-compose.yml).
FROM node:24.21.0-trixie-slim@sha256:8ec5d7557396cfe32d21c3f9c13072355ceab22b584578ca4bb28af31120cffe AS base

FROM base AS build
WORKDIR /app
ENV TURBO_TELEMETRY_DISABLED=1
# Manifests first: the dependencies are installed again only when these change.
COPY package.json package-lock.json .npmrc ./
COPY apps/api/package.json apps/api/
COPY apps/console/package.json apps/console/
COPY apps/worker/package.json apps/worker/
COPY packages/cli/package.json packages/cli/
COPY packages/client/package.json packages/client/
COPY packages/server-proxy/package.json packages/server-proxy/
COPY packages/shared/package.json packages/shared/
COPY packages/providers/package.json packages/providers/
COPY packages/simulator/package.json packages/simulator/
RUN npm ci
COPY turbo.json tsconfig.json tsconfig.build.json ./
COPY scripts/bundle-console.mjs scripts/bundle.mjs scripts/clean-dist.mjs scripts/mark-commonjs.mjs scripts/
COPY apps apps
COPY packages packages
RUN npm run build && npm prune --omit=dev

FROM base
WORKDIR /app
ENV NODE_ENV=production DATA_DIR=/data
# A named volume takes over the owner and the mode of the directory it is mounted on.
RUN install -d -o node -g node -m 700 /data
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/apps apps
COPY --from=build /app/packages packages
# What GET /llms.txt serves and links to.
COPY llms.txt README.md CONTRIBUTING.md ./
COPY docs docs
COPY examples/README.md examples/
# node, as a number: Kubernetes can tell from it that this is not root.
USER 1000:1000
VOLUME /data
EXPOSE 8787
CMD ["node", "apps/api/bundle/main.js"]
