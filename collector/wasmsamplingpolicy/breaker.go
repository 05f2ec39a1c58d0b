package wasmsamplingpolicy

import (
	"sync/atomic"
	"time"
)

// A call that ends in a trap costs a new instance, and up to 10 ms of fuel before: thousands of
// decisions. The breaker bounds that. It tolerates one such fault in a hundred decisions; when they
// come faster it opens, and on_error decides without a call until a back-off has passed.
//
// Faults that leave the instance as it was (a bad decision, a record too large) cost no more than a
// decision, and often concern some traces only. They do not open it.
const (
	faultWeight = 100             // decisions that make up for one fault
	openAt      = 5 * faultWeight // five faults in a row, or more with decisions between them

	firstBackOff = time.Second
	maxBackOff   = time.Minute
)

// breakerState as the metric gives it: the larger, the worse.
type breakerState int64

const (
	breakerClosed   breakerState = iota // the module decides
	breakerHalfOpen                     // the next trace tries the module
	breakerOpen                         // on_error decides
)

// breaker belongs to one evaluator and its goroutine; only state may be called from others. Times
// are counted from an arbitrary start, by a clock that never goes back.
type breaker struct {
	score   int // faults × faultWeight − decisions, 0 or more
	backOff time.Duration
	// retry is when the module is to be tried again, in ns; 0 while closed.
	retry atomic.Int64
}

func (b *breaker) closed() bool { return b.retry.Load() == 0 }

// state tells whether a call would be made now.
func (b *breaker) state(now time.Duration) breakerState {
	retry := b.retry.Load()
	switch {
	case retry == 0:
		return breakerClosed
	case int64(now) < retry:
		return breakerOpen
	default:
		return breakerHalfOpen
	}
}

// succeeded counts a decision and tells whether it closed the breaker. Right after that one fault
// opens it again, for twice as long; only enough decisions make the next back-off short again.
func (b *breaker) succeeded() (closes bool) {
	if b.score == 0 {
		return false
	}
	b.score--
	if b.score == 0 {
		b.backOff = 0
	}
	if b.closed() {
		return false
	}
	b.score = openAt - faultWeight
	b.retry.Store(0)
	return true
}

// failed counts a fault and gives the back-off if it opens the breaker, else 0.
func (b *breaker) failed(now time.Duration) time.Duration {
	b.score = min(b.score+faultWeight, openAt)
	if b.score < openAt {
		return 0
	}
	b.backOff = min(max(2*b.backOff, firstBackOff), maxBackOff)
	b.retry.Store(int64(now + b.backOff))
	return b.backOff
}

// reset closes the breaker and forgets all faults.
func (b *breaker) reset() {
	b.score, b.backOff = 0, 0
	b.retry.Store(0)
}
