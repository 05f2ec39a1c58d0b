// Package queueguard is a collector extension that lets the collector start where a file of its queue
// is damaged.
//
// file_storage keeps a queue in a bbolt file. Of a file that a power loss or a failing disk damaged,
// bbolt ends the whole process, in a goroutine of its own, where nothing can recover: `recreate` and
// `compaction.on_start` of file_storage 0.161 do not help, and the collector never starts again. This
// extension reads each file before file_storage opens it, and puts a damaged one aside, under its name
// with `.damaged-<time>`, so that the collector begins with an empty queue beside it.
//
// Extensions start before exporters open their queues, so that its place in service.extensions does
// not matter.
package queueguard

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension"
	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"
)

// queueFile is how file_storage names a queue, or a hash in place of a name that is too long.
var queueFile = regexp.MustCompile(`^(exporter_[^.]*|[0-9a-f]{64})$`)

// aside is what the name of a damaged file goes on with.
const aside = ".damaged-"

// Config of the extension.
type Config struct {
	// Directory of file_storage.
	Directory string `mapstructure:"directory"`
}

// Validate is called by the collector before the start.
func (c *Config) Validate() error {
	if c.Directory == "" {
		return errors.New("directory: found nothing, expected the directory of file_storage")
	}
	return nil
}

// NewFactory returns the factory of the extension `queue_guard`.
func NewFactory() extension.Factory {
	return extension.NewFactory(
		component.MustNewType("queue_guard"),
		func() component.Config { return &Config{} },
		create,
		component.StabilityLevelAlpha,
	)
}

func create(_ context.Context, set extension.Settings, cfg component.Config) (extension.Extension, error) {
	g := &guard{directory: cfg.(*Config).Directory, log: set.Logger}
	meter := set.MeterProvider.Meter("github.com/vllm-monitoring/vllm-monitoring/collector/queueguard")
	// A gauge: a counter that has its value before it is read for the first time has no rate.
	_, err := meter.Int64ObservableGauge(
		"otelcol_queue_guard_damaged_files",
		metric.WithDescription("Damaged files of queues that this start of the collector put aside; what was queued in them is lost."),
		metric.WithUnit("{files}"),
		metric.WithInt64Callback(func(_ context.Context, o metric.Int64Observer) error {
			o.Observe(g.damaged.Load())
			return nil
		}),
	)
	return g, err
}

type guard struct {
	component.ShutdownFunc
	directory string
	log       *zap.Logger
	damaged   atomic.Int64
}

// Start puts aside every file that is damaged, and what is no file and has the name of one. It fails only where the directory cannot be read or a file
// cannot be renamed; then file_storage would not start either.
func (g *guard) Start(context.Context, component.Host) error {
	entries, err := os.ReadDir(g.directory)
	if err != nil {
		return fmt.Errorf("queue_guard: %w", err)
	}
	for _, entry := range entries {
		if !queueFile.MatchString(entry.Name()) {
			continue
		}
		path := filepath.Join(g.directory, entry.Name())
		damage := read(path)
		if damage == nil {
			continue
		}
		to := path + aside + time.Now().UTC().Format("20060102T150405")
		if err := os.Rename(path, to); err != nil {
			return fmt.Errorf("queue_guard: %s is damaged (%w) and cannot be put aside: %w", path, damage, err)
		}
		g.damaged.Add(1)
		g.log.Error("the file of a queue is damaged: it is put aside, and the queue begins empty",
			zap.String("file", path), zap.String("put_aside_as", to), zap.NamedError("damage", damage),
			zap.String("hint", "what was queued in it is lost to this collector; delete it when you are done with it"))
	}
	return nil
}

// read reads every entry of a bbolt file and says what is wrong with it. bbolt panics on pages that are
// not what they should be, and memory behind the end of a cut file faults: both end in an error here.
// Opened for reading only, it does not look for free pages, which it does in another goroutine.
func read(path string) error {
	result := make(chan error, 1)
	go func() {
		// Of this goroutine alone.
		debug.SetPanicOnFault(true)
		defer func() {
			if found := recover(); found != nil {
				result <- fmt.Errorf("%v", found)
			}
		}()
		result <- walk(path)
	}()
	return <-result
}

func walk(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // a link to a file that bbolt will make
	}
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("found %s, expected a regular file", info.Mode().Type())
	}
	// bbolt would make a new one of it. It writes its first pages at once, so that there was a queue in it.
	if info.Size() == 0 {
		return errors.New("the file has no bytes")
	}
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true, Timeout: time.Second})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	return db.View(func(tx *bbolt.Tx) error {
		// A file that was cut behind its last entry: bbolt maps no more than the file has, and ends the
		// process when it writes into a free page behind that.
		if info.Size() < tx.Size() {
			return fmt.Errorf("the file has %d bytes of %d", info.Size(), tx.Size())
		}
		return tx.ForEach(func(_ []byte, bucket *bbolt.Bucket) error {
			if bucket == nil {
				return errors.New("an entry beside the buckets")
			}
			var before []byte
			var sum byte
			err := bucket.ForEach(func(key, value []byte) error {
				// Pages that are linked twice or in no order; looking for free ones would panic.
				if before != nil && bytes.Compare(before, key) >= 0 {
					return fmt.Errorf("keys are not in order: %q before %q", before, key)
				}
				before = append(before[:0], key...)
				for _, b := range value {
					sum ^= b
				}
				return nil
			})
			_ = sum
			return err
		})
	})
}
