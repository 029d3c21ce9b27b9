# Two stages: one builds with the same command that everybody builds with, the other holds the
# program and the libraries that it runs on, and nothing to build or fetch with.

FROM debian:12 AS build
WORKDIR /src
COPY tools/install tools/install
RUN tools/install
COPY . .
RUN tools/build release klasboek && strip --strip-debug build/release/klasboek

FROM debian:12-slim
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      ca-certificates tzdata \
      libcpp-httplib0.11 libcurl4 libdate-tz3 libpugixml1v5 librdkafka1 librocksdb7.8 \
      libsodium23 libspdlog1.10 libsqlite3-0 \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /src/build/release/klasboek /usr/local/bin/klasboek
# A library that this stage lacks fails the build here, not the start of a school.
RUN ! ldd /usr/local/bin/klasboek | grep 'not found'

# A fixed number, so that files outside can be given to it.
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin klasboek \
 && install -d -o klasboek -g klasboek -m 0700 /var/lib/klasboek \
 && install -d -m 0755 /etc/klasboek
USER klasboek
VOLUME /var/lib/klasboek
ENV KLASBOEK_DATA_DIR=/var/lib/klasboek \
    KLASBOEK_LISTEN=0.0.0.0:8080
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /readyz HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\nConnection: close\\r\\n\\r\\n' >&3 && read -r line <&3 && [[ $line == *' 200 '* ]]"]
ENTRYPOINT ["klasboek"]
CMD ["serve"]
