package wasmsamplingpolicy

import (
	_ "github.com/extism/go-sdk"
	_ "github.com/open-telemetry/opentelemetry-collector-contrib/processor/tailsamplingprocessor/pkg/samplingpolicy"
	_ "github.com/stretchr/testify/require"
	_ "github.com/tetratelabs/wazero"
	_ "go.opentelemetry.io/collector/pdata/ptrace"
	_ "go.uber.org/zap"
)
