package tailsamplingprocessor

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"syscall"
	"time"
)

// cpuTime of this process. Wall time would measure the neighbours too.
func cpuTime() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		panic(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// entry of target/bench.json.
type entry struct {
	Name     string  `json:"name"`
	Unit     string  `json:"unit"`
	Ours     float64 `json:"ours"`
	Peer     float64 `json:"peer"`
	PeerName string  `json:"peer_name"`
	Ratio    float64 `json:"ratio"`
}

// merge puts the entries into the file, in place of older ones of the same names.
func merge(path string, entries []entry) error {
	var all []entry
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w", path, err)
	}
	all = slices.DeleteFunc(all, func(old entry) bool {
		return slices.ContainsFunc(entries, func(e entry) bool { return e.Name == old.Name })
	})
	text, err = json.MarshalIndent(append(all, entries...), "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}

func round(x float64, digits float64) float64 { return float64(int64(x*digits+0.5)) / digits }

// raw appends the rounds of a measurement to the file of raw data.
func raw(name, policy, unit string, values []float64) error {
	file, err := os.OpenFile(os.Getenv("BENCH_RAW"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	for i, value := range values {
		if _, err := fmt.Fprintf(file, "%s,%s,%d,%.4g,%s\n", name, policy, i+1, value, unit); err != nil {
			return errors.Join(err, file.Close())
		}
	}
	return file.Close()
}
