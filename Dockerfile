# Build: docker build -t bambu2mqtt .
# Run:   docker run --read-only --cap-drop ALL --security-opt no-new-privileges \
#            -v bambu2mqtt:/var/lib/bambu2mqtt \
#            -v ./bambu2mqtt.toml:/etc/bambu2mqtt/bambu2mqtt.toml:ro bambu2mqtt
# The configuration must be readable by user 10001. Only /var/lib/bambu2mqtt is written. No port, no capability, no shell.

FROM debian:trixie-slim AS build
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        ca-certificates ccache g++ cmake ninja-build openssl pkg-config libssl-dev libcurl4-openssl-dev libmicrohttpd-dev \
        libpaho-mqtt-dev libsimdjson-dev nlohmann-json3-dev libfmt-dev libspdlog-dev libtomlplusplus-dev libcli11-dev libexpected-dev \
    && rm -rf /var/lib/apt/lists/*
COPY . /source
# Options of CMake, for example -DCMAKE_CXX_COMPILER_LAUNCHER=ccache with a volume at /root/.cache/ccache.
ARG CMAKE_OPTIONS=
ARG SOURCE_DATE_EPOCH=
RUN cmake -S /source -B /source/build/package -G Ninja -DCMAKE_INSTALL_PREFIX=/usr -DCMAKE_BUILD_TYPE=Release \
        -DCMAKE_UNITY_BUILD=ON -DBAMBU2MQTT_TESTS=OFF -DCMAKE_EXE_LINKER_FLAGS="-Wl,-z,relro -Wl,-z,now" $CMAKE_OPTIONS \
    && cmake --build /source/build/package \
    && cmake --install /source/build/package --strip \
    && /source/scripts/image-root.sh /usr /image

FROM scratch
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="bambu2mqtt" \
      org.opencontainers.image.description="Gateway between Bambu Lab printers and MQTT home automation" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.documentation="/usr/share/doc/bambu2mqtt" \
      org.opencontainers.image.base.name="scratch"
COPY --from=build /image /
ENV PATH=/usr/bin
USER 10001:10001
WORKDIR /var/lib/bambu2mqtt
VOLUME /var/lib/bambu2mqtt
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=60s --timeout=5s --start-period=30s --retries=3 CMD ["/usr/bin/bambu2mqtt", "health"]
ENTRYPOINT ["/usr/bin/bambu2mqtt"]
CMD ["run"]
