package queueguard

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"go.etcd.io/bbolt"
	"go.uber.org/zap"
)

// As file_storage opens its files.
var options = bbolt.Options{NoSync: true, NoFreelistSync: true, FreelistType: bbolt.FreelistMapType}

func soundFile(t *testing.T) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "db")
	db, err := bbolt.Open(path, 0o600, &options)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 1200 {
		err := db.Update(func(tx *bbolt.Tx) error {
			bucket, err := tx.CreateBucketIfNotExists([]byte("default"))
			if err != nil {
				return err
			}
			return bucket.Put(fmt.Appendf(nil, "%d", n), []byte(strings.Repeat("x", 600)))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// A start with this content as the queue's file; afterwards bbolt must open what is there, and the
// names that are.
func started(t *testing.T, data []byte) []string {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "exporter_otlp_http_store_traces")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	g := &guard{directory: dir, log: zap.NewNop()}
	if err := g.Start(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	db, err := bbolt.Open(path, 0o600, &options)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucketIfNotExists([]byte("default"))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	_ = db.Close()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

func TestADamagedFileIsPutAsideAndTheQueueBeginsEmpty(t *testing.T) {
	good := soundFile(t)
	garbage := func(size int) []byte {
		data := make([]byte, size)
		_, _ = rand.Read(data)
		return data
	}
	with := func(from, to int, data []byte) []byte {
		return append(append(append([]byte{}, good[:from]...), data...), good[to:]...)
	}
	pages := append([]byte{}, good...)
	for page := 2; page < len(good)/4096; page += 3 {
		copy(pages[page*4096:], garbage(64))
	}
	third := len(good) / 3
	for name, data := range map[string][]byte{
		"cut in half":          good[:len(good)/2],
		"cut in its headers":   good[:5000],
		"a few bytes":          good[:100],
		"headers of zeros":     with(0, 8192, make([]byte, 8192)),
		"a middle of zeros":    with(third, 2*third, make([]byte, third)),
		"all zeros":            make([]byte, len(good)),
		"garbage":              garbage(len(good)),
		"garbage at its end":   with(len(good)/2, len(good), garbage(len(good)-len(good)/2)),
		"garbage in its pages": pages,
		"a text":               []byte(strings.Repeat("hello world\n", 1000)),
		"no bytes":             {},
	} {
		t.Run(name, func(t *testing.T) {
			names := started(t, data)
			if len(names) != 2 || !strings.Contains(names[1], aside) {
				t.Fatalf("found %v, expected the new file and the one put aside", names)
			}
		})
	}
}

func TestASoundFileStaysWhereItIs(t *testing.T) {
	for name, data := range map[string][]byte{"full": soundFile(t)} {
		t.Run(name, func(t *testing.T) {
			if names := started(t, data); len(names) != 1 {
				t.Fatalf("found %v, expected the file alone", names)
			}
		})
	}
}

// file_storage would end the collector at each start.
func TestWhatIsNoFileIsPutAside(t *testing.T) {
	const name = "exporter_otlp_http_store_traces"
	for what, put := range map[string]func(path string) error{
		"a directory":           func(path string) error { return os.MkdirAll(filepath.Join(path, "lost"), 0o700) },
		"a link to itself":      func(path string) error { return os.Symlink(path, path) },
		"a link to a directory": func(path string) error { return os.Symlink(os.TempDir(), path) },
		"a pipe":                func(path string) error { return syscall.Mkfifo(path, 0o600) },
	} {
		t.Run(what, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, name)
			if err := put(path); err != nil {
				t.Fatal(err)
			}
			g := &guard{directory: dir, log: zap.NewNop()}
			if err := g.Start(context.Background(), nil); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Lstat(path); !os.IsNotExist(err) || g.damaged.Load() != 1 {
				t.Fatalf("found %v and %d put aside, expected it to be put aside", err, g.damaged.Load())
			}
		})
	}
}

func TestALinkToASoundFileStaysWhereItIs(t *testing.T) {
	dir := t.TempDir()
	real := filepath.Join(t.TempDir(), "queue")
	if err := os.WriteFile(real, soundFile(t), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{"exporter_a": real, "exporter_b": filepath.Join(dir, "new")} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	g := &guard{directory: dir, log: zap.NewNop()}
	if err := g.Start(context.Background(), nil); err != nil || g.damaged.Load() != 0 {
		t.Fatalf("found %v and %d put aside", err, g.damaged.Load())
	}
}

func TestAnotherFileAndWhatWasPutAsideBeforeAreLeftAlone(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"exporter_otlp_grpc_a_traces" + aside + "20260101T000000", "kept.jsonl"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("damaged"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "lost+found"), 0o700); err != nil {
		t.Fatal(err)
	}
	g := &guard{directory: dir, log: zap.NewNop()}
	if err := g.Start(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	entries, _ := os.ReadDir(dir)
	if len(entries) != 3 {
		t.Fatalf("found %v", entries)
	}
}

func TestTheDirectoryIsNamed(t *testing.T) {
	if err := (&Config{}).Validate(); err == nil {
		t.Fatal("found no error")
	}
}

// What is cut off is free pages alone: every entry can be read, and bbolt would end the process later.
func TestAFileThatIsCutBehindItsLastEntryIsDamaged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	if err := os.WriteFile(path, soundFile(t), 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := bbolt.Open(path, 0o600, &options)
	if err != nil {
		t.Fatal(err)
	}
	var size int64
	if err := db.View(func(tx *bbolt.Tx) error { size = tx.Size(); return nil }); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := read(path); err != nil {
		t.Fatal(err)
	}
	for _, cut := range []int64{1, int64(os.Getpagesize())} {
		if err := os.Truncate(path, size-cut); err != nil {
			t.Fatal(err)
		}
		if err := read(path); err == nil {
			t.Fatalf("%d bytes of %d: not seen", size-cut, size)
		}
	}
}
