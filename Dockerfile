# SPDX-License-Identifier: Apache-2.0
# The last stage is what is shipped: a static binary on nothing, without shell or
# package manager, as an unprivileged user. demosetup furnishes the demo of
# docker-compose.yml and is no part of it.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=unknown
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /out/review-assistant ./cmd/review-assistant \
 && mkdir -p /out/data

FROM build AS demosetup
RUN CGO_ENABLED=0 go build -tags e2e -trimpath -o /usr/local/bin/demosetup ./e2e/cmd/demosetup
ENTRYPOINT ["demosetup"]

FROM scratch AS bot
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/review-assistant /review-assistant
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
VOLUME /data
EXPOSE 8080
ENTRYPOINT ["/review-assistant"]
CMD ["serve", "--config", "/etc/review-assistant/config.yaml"]
