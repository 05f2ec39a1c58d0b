package wasmsamplingpolicy

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"strings"
)

var (
	wasmMagic = []byte("\x00asm")
	gzipMagic = []byte{0x1f, 0x8b}
)

// readModule reads the module at path, inflates it if it is gzip, and checks its hash (hex, of the
// uncompressed bytes). Neither form may be larger than limit bytes, so that a gzip bomb costs at
// most that.
func readModule(path, hash string, limit int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("path: %w", err)
	}
	defer file.Close()
	data, err := readAtMost(file, limit)
	if err != nil {
		return nil, fmt.Errorf("path: %s: %w", path, err)
	}
	if bytes.HasPrefix(data, gzipMagic) {
		if data, err = inflate(data, limit); err != nil {
			return nil, fmt.Errorf("path: %s: gzip: %w", path, err)
		}
	}
	// The hash before the form: a wrong file is the likelier mistake, and nothing of it is parsed.
	sum := sha256.Sum256(data)
	if found := hex.EncodeToString(sum[:]); found != strings.ToLower(hash) {
		return nil, fmt.Errorf("sha256: %s: found %s; expected %s (of the uncompressed module)", path, found, strings.ToLower(hash))
	}
	if !bytes.HasPrefix(data, wasmMagic) {
		return nil, fmt.Errorf("path: %s: found no WebAssembly; expected a .wasm file, or a gzipped one", path)
	}
	return data, nil
}

func inflate(data []byte, limit int64) ([]byte, error) {
	reader, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	return readAtMost(reader, limit)
}

func readAtMost(reader io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(reader, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("larger than max_wasm_size_mib allows (%d bytes)", limit)
	}
	return data, nil
}
