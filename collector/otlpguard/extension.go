package otlpguard

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension"
	"go.opentelemetry.io/collector/extension/extensionmiddleware"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
)

// NewFactory returns the factory of the extension `otlp_guard`.
func NewFactory() extension.Factory {
	return extension.NewFactory(component.MustNewType("otlp_guard"), createDefaultConfig, create, component.StabilityLevelAlpha)
}

func create(_ context.Context, set extension.Settings, cfg component.Config) (extension.Extension, error) {
	meter := set.MeterProvider.Meter("github.com/vllm-monitoring/vllm-monitoring/collector/otlpguard")
	refused, err := meter.Int64Counter(
		"otelcol_otlp_guard_refused_requests",
		metric.WithDescription("Requests that were refused before they were decoded, by protocol and by the bound that they break: spans, items, depth, bytes, or malformed."),
		metric.WithUnit("{requests}"),
	)
	if err != nil {
		return nil, err
	}
	return &guard{cfg: cfg.(*Config), refused: refused}, nil
}

// guard is the middleware, of servers of both protocols.
type guard struct {
	component.StartFunc
	component.ShutdownFunc
	cfg     *Config
	refused metric.Int64Counter
}

var (
	_ extensionmiddleware.GRPCServer = (*guard)(nil)
	_ extensionmiddleware.HTTPServer = (*guard)(nil)
)

// count is by protocol, because rpc_server_call_duration counts refusals over gRPC as well, and no metric
// of the server's those over HTTP: they end before a route is found.
func (g *guard) count(ctx context.Context, protocol, reason string) {
	g.refused.Add(ctx, 1, metric.WithAttributes(attribute.String("protocol", protocol), attribute.String("reason", reason)))
}

// GetGRPCServerOptions has the server's messages pass the guard: interceptors only see them decoded.
func (g *guard) GetGRPCServerOptions(context.Context) ([]grpc.ServerOption, error) {
	return []grpc.ServerOption{grpc.ForceServerCodecV2(&codec{encoding.GetCodecV2(proto.Name), g})}, nil
}

// codec checks a message before the collector's own codec decodes it. A refusal reaches the sender as
// the status INTERNAL, grpc's for a message that cannot be decoded, upon which no SDK tries again.
type codec struct {
	encoding.CodecV2
	guard *guard
}

func (c *codec) Unmarshal(data mem.BufferSlice, message any) error {
	whole := data.MaterializeToBuffer(mem.DefaultBufferPool())
	defer whole.Free()
	if r := checkProto(c.guard.cfg, whole.ReadOnlyData()); r != nil {
		c.guard.count(context.Background(), "grpc", r.reason)
		return r
	}
	return c.CodecV2.Unmarshal(mem.BufferSlice{whole}, message)
}

// GetHTTPHandler checks a body, decompressed and bounded by the server, before the receiver decodes it.
func (g *guard) GetHTTPHandler(context.Context) (extensionmiddleware.WrapHTTPHandlerFunc, error) {
	return func(_ context.Context, next http.Handler) (http.Handler, error) {
		return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			if req.Method != http.MethodPost { // the receiver refuses it unread
				next.ServeHTTP(w, req)
				return
			}
			body, err := io.ReadAll(req.Body)
			if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
				g.count(req.Context(), "http", "bytes")
				http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
				return
			}
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			check := checkProto
			if media, _, err := mime.ParseMediaType(req.Header.Get("Content-Type")); err == nil && media == "application/json" {
				check = checkJSON
			}
			if r := check(g.cfg, body); r != nil {
				g.count(req.Context(), "http", r.reason)
				http.Error(w, r.Error(), http.StatusBadRequest)
				return
			}
			req.Body = io.NopCloser(bytes.NewReader(body))
			next.ServeHTTP(w, req)
		}), nil
	}, nil
}
