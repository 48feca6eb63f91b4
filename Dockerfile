# make image, or
# docker build -t gradfn . && docker run --rm -p 127.0.0.1:8000:8000 gradfn
#
# Arguments, for other registries and for the labels:
#   PYTHON_IMAGE NODE_IMAGE UV_IMAGE   the images to build on
#   UV_INDEX                           an index of wheels with priority over PyPI: PyTorch's own,
#                                      whose torch without CUDA is several gigabytes smaller
#   UV_DEFAULT_INDEX NPM_CONFIG_REGISTRY NPM_CONFIG_CAFILE
#                                      replace PyPI and npm's registry
#   VERSION                            the package's version; 0.0.0 if not given
#   REVISION CREATED                   values of labels
ARG PYTHON_VERSION=3.11
ARG DEBIAN=trixie
ARG PYTHON_IMAGE=python:${PYTHON_VERSION}-slim-${DEBIAN}
ARG NODE_IMAGE=node:24-slim
ARG UV_IMAGE=ghcr.io/astral-sh/uv:0.13

FROM ${UV_IMAGE} AS uv

FROM ${NODE_IMAGE} AS bundle
ARG NPM_CONFIG_REGISTRY
ARG NPM_CONFIG_CAFILE
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --omit=dev --no-audit --no-fund
COPY bundle.mjs ./
COPY static static
RUN node bundle.mjs

FROM ${PYTHON_IMAGE} AS build
RUN apt-get update -q && apt-get install -yq --no-install-recommends tini
COPY --from=uv /uv /bin/
ARG UV_DEFAULT_INDEX
# The root is read-only at run time, so bytecode is compiled now; it saves four seconds a start.
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never \
    VIRTUAL_ENV=/opt/venv PATH=/opt/venv/bin:$PATH
WORKDIR /src
RUN uv venv /opt/venv
# The largest layers change least: torch, then the locked packages, then gradfn.
# Removed from torch: its tests and headers, and its programs except torch_shm_manager, which it needs.
ARG UV_INDEX=https://download.pytorch.org/whl/cpu
ARG TORCH_VERSION=2.13.0
RUN --mount=type=cache,target=/root/.cache/uv \
    uv pip install --no-deps torch==${TORCH_VERSION} && \
    cd /opt/venv/lib/python3*/site-packages/torch && rm -rf test include && \
    find bin -type f ! -name torch_shm_manager -delete
COPY requirements.lock ./
RUN --mount=type=cache,target=/root/.cache/uv \
    UV_INDEX= uv pip install --no-deps --require-hashes -r requirements.lock
COPY . .
COPY --from=bundle /src/static/vendor static/vendor
COPY --from=bundle /src/static/release static/release
# There is no .git here to take the version from.
ARG VERSION
RUN --mount=type=cache,target=/root/.cache/uv \
    SETUPTOOLS_SCM_PRETEND_VERSION=${VERSION} UV_INDEX= uv pip install --no-deps . && uv pip check

FROM ${PYTHON_IMAGE}
COPY --from=build /usr/bin/tini-static /usr/bin/tini
COPY --from=build /opt/venv /opt/venv
# PyTorch and matplotlib need a home that is writable: /tmp, a tmpfs, as the rest is read-only.
ENV PATH=/opt/venv/bin:$PATH HOME=/tmp PYTHONDONTWRITEBYTECODE=1 \
    GRADFN_HOST=0.0.0.0 GRADFN_LOG_FORMAT=json
USER 10001:10001
WORKDIR /tmp
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=120s --start-interval=1s \
    CMD ["python", "-IS", "-c", "import os, http.client as h; c = h.HTTPConnection(os.environ['GRADFN_HOST'], int(os.getenv('GRADFN_PORT') or os.getenv('PORT') or 8000), timeout=2); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
# An init process reaps orphans of the fork server, which would otherwise stay as zombies.
ENTRYPOINT ["tini", "--"]
CMD ["gradfn"]
ARG VERSION=0.0.0
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
LABEL org.opencontainers.image.title="gradfn" \
      org.opencontainers.image.description="See what autograd sees" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
