FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY src src
COPY workers workers
RUN npm run build

FROM node:24-bookworm-slim AS dependencies
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 HTTP_HOST=0.0.0.0 DATA_DIR=/data
# What a crowd needed and has freed goes back to the system.
ENV MALLOC_MMAP_THRESHOLD_=32768
WORKDIR /app
COPY package.json run.mjs ./
COPY --from=dependencies /build/node_modules node_modules
COPY --from=build /build/dist dist
# A new volume there belongs to the user.
RUN mkdir -m 0700 /data /certs && chown node:node /data /certs
USER node
VOLUME /data
EXPOSE 8080 8081 8443
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["node", "dist/src/tools/cli/health.js", "--ready"]
CMD ["node", "--max-semi-space-size=2", "dist/src/main.js"]
