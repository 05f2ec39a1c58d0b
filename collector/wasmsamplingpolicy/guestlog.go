package wasmsamplingpolicy

import (
	"strings"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	extism "github.com/extism/go-sdk"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

const (
	// maxGuestLines bounds the lines that one call of configure or describe may log.
	maxGuestLines = 16
	// maxGuestLine bounds a line, in bytes.
	maxGuestLine = 512
)

// guestLog writes what the module logs into the collector's log, with bounds.
//
// While it decides, and in `report`, a module sees the texts it asked for, prompts for instance, and
// redaction comes later; so its lines are dropped. Only where it has seen nothing of a span, in configure
// and describe of an instance without a past, do they come out.
type guestLog struct {
	log *zap.Logger
	// left counts the lines that may still come out; used by the goroutine of the instance.
	left int
	// dropped lines of all instances of a module.
	dropped *atomic.Uint64
}

// open lets the lines of one call come out.
func (g *guestLog) open() { g.left = maxGuestLines }

// close drops what is logged from here on.
func (g *guestLog) close() { g.left = 0 }

func (g *guestLog) write(level extism.LogLevel, message string) {
	if strings.HasPrefix(message, "Calling function : ") {
		return // Extism's own, at debug level
	}
	if g.left == 0 {
		if n := g.dropped.Add(1); n&(n-1) == 0 {
			g.log.Warn("sampling policy: lines that the module logs are dropped: too many in one call, or logged while it decides",
				zap.Uint64("lines", n))
		}
		return
	}
	g.left--
	if entry := g.log.Check(zapLevel(level), printable([]byte(message[:min(len(message), 2*maxGuestLine)]), maxGuestLine)); entry != nil {
		entry.Write(zap.String("from", "policy"))
	}
}

// printable cuts a text of the module's to so many bytes of valid UTF-8 without control characters.
func printable(text []byte, limit int) string {
	clean := strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.IsControl(r) {
			return '?'
		}
		return r
	}, string(text))
	if len(clean) <= limit {
		return clean
	}
	const mark = "…"
	cut := limit - len(mark)
	for !utf8.RuneStart(clean[cut]) {
		cut--
	}
	return clean[:cut] + mark
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
