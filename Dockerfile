# Every image of this repository; docker-compose.yml names them.
#
#   service   a Node process:    --build-arg SERVICE=coach-service | legacy-monolith
#   edge      the edge with the page for operators, SERVICE=edge-proxy
#   set-up    the edge's image with the script that makes the secrets, SERVICE=edge-proxy
#   load      k6 and its runner, SERVICE=loadtest
#   nginx     Nginx with both of our topologies
#
# VERSION and REVISION, of the sources, go into labels and into what the processes say of themselves (`npm run images`).
#
# Only what every builder knows is used: no cache mounts, no COPY --parents, no here-documents.

FROM nginx:1.29-bookworm AS nginx
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="strangler-edge-nginx" \
  org.opencontainers.image.description="Nginx in front of the edges, or splitting the users itself" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}" \
  org.opencontainers.image.base.name="nginx:1.29-bookworm"
COPY nginx/templates /etc/nginx/templates
COPY nginx/conf packages/contracts/src/cohort-key.js /etc/nginx/fit/
# The image's own user nginx, as a number: Kubernetes takes no name for "not root".
USER 101:101

# Manifests alone, so that dependencies are installed again only when one of them has changed. Without devDependencies,
# because npm would follow those of a workspace to another workspace (the test kit) and take what that one needs.
FROM node:24-bookworm-slim AS manifests
COPY . /source
WORKDIR /manifests
RUN cd /source \
  && find . -name package.json -exec cp --parents --target-directory=/manifests {} + \
  && cp package-lock.json .npmrc /manifests
RUN npm pkg delete devDependencies --workspaces --include-workspace-root

FROM node:24-bookworm-slim AS dependencies
ARG SERVICE
WORKDIR /app
COPY --from=manifests /manifests ./
RUN npm ci --omit=dev --ignore-scripts --workspace="@fit/$SERVICE"

# The workspaces that npm has linked: the service and what it needs of ours. They stay outside of node_modules, where Node
# would refuse to strip their types.
FROM dependencies AS sources
COPY . /source
RUN mkdir /sources \
  && folders=$(realpath --relative-to=/app node_modules/@fit/*) \
  && for root in /app /source; do cd "$root" && cp -r --parents $folders /sources; done

FROM node:24-bookworm-slim AS service
ARG SERVICE
ENV NODE_ENV=production NODE_OPTIONS=--disable-warning=ExperimentalWarning DATA_DIR=/data
# A volume that is mounted here belongs to the user who writes into it.
RUN install -d -o node -g node /data
COPY --from=dependencies /app/node_modules /app/node_modules
COPY --from=sources /sources /app
WORKDIR /app/${SERVICE}
USER node
# Last, so that another commit with the same sources and dependencies finds the layers above made.
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="strangler-edge-${SERVICE}" \
  org.opencontainers.image.description="One process of the strangler edge: its sources and production dependencies" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}" \
  org.opencontainers.image.base.name="node:24-bookworm-slim"
ENV FIT_REVISION=${REVISION}
# No shell and no npm between: SIGTERM reaches Node, which drains. Traces go nowhere until OTEL_EXPORTER_OTLP_ENDPOINT is set.
CMD ["node", "--import", "@fit/tracing/register", "src/main.ts"]

# The page for operators, built as `npm run build` does it.
FROM node:24-bookworm-slim AS dashboard
WORKDIR /app
COPY --from=manifests /manifests ./
RUN npm ci --omit=dev --ignore-scripts --workspace=edge-proxy/dashboard
COPY edge-proxy/dashboard edge-proxy/dashboard
RUN node --input-type=module --eval "await (await import('/app/edge-proxy/dashboard/build.ts')).buildDashboard()"

FROM service AS edge
COPY --from=dashboard /app/edge-proxy/dashboard/dist /app/edge-proxy/dashboard/dist

FROM service AS set-up
LABEL org.opencontainers.image.title="strangler-edge-set-up"
COPY docker/set-up.ts /app/docker/set-up.ts
# It gives files to the users who read them. docker-compose.yml leaves it that one capability, and no network.
USER root
CMD ["node", "/app/docker/set-up.ts"]

FROM grafana/k6:1.8.1 AS k6

FROM service AS load
COPY --from=k6 /usr/bin/k6 /usr/bin/k6
ENTRYPOINT ["node", "runner/main.ts"]
CMD ["--help"]
