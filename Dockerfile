# Build: docker build -t bambu2mqtt .            (Debian 13: --build-arg DEBIAN=trixie)
# Run:   docker run --read-only --cap-drop ALL --security-opt no-new-privileges \
#            -v bambu2mqtt:/var/lib/bambu2mqtt \
#            -v ./bambu2mqtt.toml:/etc/bambu2mqtt/bambu2mqtt.toml:ro bambu2mqtt
# The configuration must be readable by user 10001. Only /var/lib/bambu2mqtt is written. No port, no capability.

ARG DEBIAN=bookworm
FROM debian:${DEBIAN}-slim AS build
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        g++ cmake ninja-build pkg-config libssl-dev libcurl4-openssl-dev libmicrohttpd-dev libpaho-mqtt-dev libsimdjson-dev \
        nlohmann-json3-dev libfmt-dev libspdlog-dev libtomlplusplus-dev libcli11-dev libexpected-dev \
    && rm -rf /var/lib/apt/lists/*
COPY . /source
RUN cmake -S /source -B /build -G Ninja -DCMAKE_BUILD_TYPE=Release -DBAMBU2MQTT_TESTS=OFF \
    && cmake --build /build \
    && cmake --install /build --strip --prefix /usr/local \
    && /source/scripts/runtime-packages.sh /usr/local/bin/bambu2mqtt >/runtime-packages

FROM debian:${DEBIAN}-slim
LABEL org.opencontainers.image.title="bambu2mqtt" \
      org.opencontainers.image.description="Gateway between Bambu Lab printers and MQTT home automation" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /runtime-packages /runtime-packages
RUN apt-get update \
    && xargs apt-get install -y --no-install-recommends ca-certificates </runtime-packages \
    && rm -rf /runtime-packages /var/lib/apt/lists/* \
    && groupadd --system --gid 10001 bambu2mqtt \
    && useradd --system --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/bambu2mqtt \
        --shell /usr/sbin/nologin bambu2mqtt \
    && install -d -o bambu2mqtt -g bambu2mqtt -m 0750 /var/lib/bambu2mqtt \
    && install -d -m 0755 /etc/bambu2mqtt
COPY --from=build /usr/local/bin/bambu2mqtt /usr/local/bin/bambu2mqtt
USER 10001:10001
WORKDIR /var/lib/bambu2mqtt
VOLUME /var/lib/bambu2mqtt
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=60s --timeout=5s --start-period=30s --retries=3 CMD ["bambu2mqtt", "health"]
ENTRYPOINT ["bambu2mqtt"]
CMD ["run"]
