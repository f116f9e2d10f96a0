# syntax=docker/dockerfile:1
# The image is Debian 12 with Martlet's Debian package; docs/install.md says how to run it.

FROM swift:6.3-bookworm AS build
WORKDIR /src
# The versions of Debian's packages are those of today, with their corrections of security: they are not pinned here and below.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends make \
    && rm -rf /var/lib/apt/lists/*
COPY . .
RUN make deb

FROM debian:12-slim
# A number of its own, so that volumes keep their owner, and orchestrators see that it is not root.
RUN groupadd --system --gid 10001 martlet \
    && useradd --system --uid 10001 --gid 10001 --home-dir /var/lib/martlet --no-create-home --shell /usr/sbin/nologin martlet
# hadolint ignore=DL3008
RUN --mount=type=bind,from=build,source=/src/.build/dist,target=/dist \
    apt-get update \
    && apt-get install --yes --no-install-recommends /dist/martlet_*.deb \
    && rm -rf /var/lib/apt/lists/*
ENV MARTLET_HTTP_HOST=0.0.0.0 \
    MARTLET_DATABASE_URL=sqlite:/var/lib/martlet/martlet.sqlite
USER 10001:10001
WORKDIR /var/lib/martlet
VOLUME /var/lib/martlet
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=6s --start-period=30s --retries=3 CMD ["martlet", "health"]
ENTRYPOINT ["martlet"]
CMD ["serve", "--quiet"]
