package wasmsamplingpolicy

import (
	extism "github.com/extism/go-sdk"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// guestLog writes what the module logs into the collector's log.
func guestLog(log *zap.Logger) func(extism.LogLevel, string) {
	return func(level extism.LogLevel, message string) {
		if entry := log.Check(zapLevel(level), message); entry != nil {
			entry.Write(zap.String("from", "policy"))
		}
	}
}

func zapLevel(level extism.LogLevel) zapcore.Level {
	switch {
	case level <= extism.LogLevelDebug:
		return zapcore.DebugLevel
	case level == extism.LogLevelInfo:
		return zapcore.InfoLevel
	case level == extism.LogLevelWarn:
		return zapcore.WarnLevel
	default:
		return zapcore.ErrorLevel
	}
}

// letGuestLog opens Extism's log, which is off by default and global to the process, as far as the
// collector's own level reaches.
func letGuestLog(log *zap.Logger) {
	if log.Core().Enabled(zapcore.DebugLevel) {
		extism.SetLogLevel(extism.LogLevelDebug)
	} else {
		extism.SetLogLevel(extism.LogLevelInfo)
	}
}
