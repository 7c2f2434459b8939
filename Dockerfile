FROM debian:bookworm-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends \
        cmake ninja-build g++ pkg-config libssl-dev libpq-dev libboost1.81-dev librocksdb-dev libspdlog-dev libfmt-dev \
        libyaml-cpp-dev libpg-query-dev libprotobuf-c-dev libcli11-dev nlohmann-json3-dev prometheus-cpp-dev \
    && rm -rf /var/lib/apt/lists/*
COPY CMakeLists.txt /src/
COPY cmake /src/cmake
COPY include /src/include
COPY src /src/src
COPY third_party /src/third_party
RUN cmake -S /src -B /build -G Ninja -DCMAKE_BUILD_TYPE=Release -DPGWRAITH_UNITY=ON -DBUILD_TESTING=OFF \
    && cmake --build /build --target pgwraith \
    && install -D -s /build/pgwraith /out/pgwraith

FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="pgwraith" \
      org.opencontainers.image.description="Changes the shape of a live PostgreSQL table without downtime"
# Only what the program links against (a test compares), and the certificates that sslrootcert may name.
RUN apt-get update && apt-get install -y --no-install-recommends \
        libssl3 libpq5 librocksdb7.8 libspdlog1.10 libfmt9 libyaml-cpp0.7 libpg-query1504.0 libprometheus-cpp-core1.0 \
        ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --gid 0 --create-home --home-dir /home/pgwraith pgwraith \
    && chmod 0770 /home/pgwraith \
    && install -d -o pgwraith -g root -m 0770 /state
COPY --from=build /out/pgwraith /usr/local/bin/pgwraith
# By its number, so that a cluster sees that it is not root. Group 0 owns the same: the user may be any other (OpenShift).
USER 10001:0
# Progress of the migration and its control socket: state_dir: /state, or a directory below it.
VOLUME /state
WORKDIR /state
# (No HEALTHCHECK: only the user knows the file's name. It is `pgwraith status FILE`.)
ENTRYPOINT ["pgwraith"]
