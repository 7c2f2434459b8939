FROM debian:bookworm-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends \
        cmake ninja-build g++ pkg-config libpq-dev libboost1.81-dev librocksdb-dev libspdlog-dev libfmt-dev \
        libyaml-cpp-dev libpg-query-dev libprotobuf-c-dev libcli11-dev nlohmann-json3-dev prometheus-cpp-dev \
    && rm -rf /var/lib/apt/lists/*
COPY CMakeLists.txt /src/
COPY cmake /src/cmake
COPY include /src/include
COPY src /src/src
RUN cmake -S /src -B /build -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=OFF \
    && cmake --build /build --target pgwraith \
    && install -D -s /build/pgwraith /out/pgwraith

FROM debian:bookworm-slim
# Only what the program links against.
RUN apt-get update && apt-get install -y --no-install-recommends \
        libpq5 librocksdb7.8 libspdlog1.10 libfmt9 libyaml-cpp0.7 libprotobuf-c1 libpg-query1504.0 libprometheus-cpp-core1.0 \
        ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home --home-dir /home/pgwraith pgwraith \
    && install -d -o pgwraith -g pgwraith -m 0700 /state
COPY --from=build /out/pgwraith /usr/local/bin/pgwraith
USER pgwraith
# Progress of the migration and its control socket: state_dir: /state
VOLUME /state
WORKDIR /state
ENTRYPOINT ["pgwraith"]
