# docker build -t gradfn . && docker run --rm -p 127.0.0.1:8000:8000 gradfn
#
# Two build arguments worth knowing:
#   PYTHON_VERSION        3.11 or newer
#   PIP_EXTRA_INDEX_URL   https://download.pytorch.org/whl/cpu for PyTorch without CUDA,
#                         which makes the image several gigabytes smaller
ARG PYTHON_VERSION=3.11
ARG NODE_VERSION=24

FROM node:${NODE_VERSION}-slim AS bundle
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --omit=dev
COPY bundle.mjs ./
RUN node bundle.mjs

FROM python:${PYTHON_VERSION}-slim AS build
ARG PIP_EXTRA_INDEX_URL
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /src
COPY pyproject.toml ./
# What gradfn needs is a layer of its own: a change of gradfn's code does not install it again.
RUN python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" > requirements.txt
RUN --mount=type=cache,target=/root/.cache/pip pip install -r requirements.txt
COPY . .
COPY --from=bundle /src/static/vendor static/vendor
RUN --mount=type=cache,target=/root/.cache/pip pip install --no-deps .

FROM python:${PYTHON_VERSION}-slim
COPY --from=build /opt/venv /opt/venv
# PyTorch and matplotlib want a home to write to; /tmp can be a tmpfs when the rest is read-only.
ENV PATH=/opt/venv/bin:$PATH HOME=/tmp HOST=0.0.0.0 PORT=8000 PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
WORKDIR /tmp
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=120s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=2)"]
CMD ["gradfn"]
