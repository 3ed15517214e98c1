package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.26.0"
)

// logTo returns the service's log in a format, text or json, from a level on.
func logTo(w io.Writer, format, level string) (*slog.Logger, error) {
	var from slog.Level
	if err := from.UnmarshalText([]byte(level)); err != nil {
		return nil, usagef("--log-level %q is not one of debug, info, warn, error", level)
	}
	options := &slog.HandlerOptions{Level: from}
	switch format {
	case "text":
		return slog.New(slog.NewTextHandler(w, options)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, options)), nil
	}
	return nil, usagef("--log-format %q is not text or json", format)
}

// startTraces sends traces where the variables of OpenTelemetry say, and nowhere when they say nothing. stop sends what is
// left.
func startTraces(ctx context.Context, getenv func(string) string) (stop func(context.Context) error, err error) {
	if getenv("OTEL_EXPORTER_OTLP_ENDPOINT") == "" && getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") == "" {
		return func(context.Context) error { return nil }, nil
	}
	exporter, err := otlptracehttp.New(ctx) // it reads the variables itself
	if err != nil {
		return nil, fmt.Errorf("start the traces: %w", err)
	}
	name := "vcledger"
	if given := getenv("OTEL_SERVICE_NAME"); given != "" {
		name = given
	}
	provider := trace.NewTracerProvider(trace.WithBatcher(exporter),
		trace.WithResource(resource.NewSchemaless(semconv.ServiceName(name), semconv.ServiceVersion(version))))
	otel.SetTracerProvider(provider)
	return provider.Shutdown, nil
}

// hostOf is how a log names the address that is served on.
func hostOf(secure bool, address string) string {
	if secure {
		return "https://" + address
	}
	return "http://" + address
}
