# A stand-in for caddy:2-alpine, for tests where no registry can be asked.
FROM debian:trixie-slim
RUN apt-get update -q && apt-get install -yq --no-install-recommends caddy && rm -rf /var/lib/apt/lists/*
ENV XDG_CONFIG_HOME=/config XDG_DATA_HOME=/data
CMD ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]
