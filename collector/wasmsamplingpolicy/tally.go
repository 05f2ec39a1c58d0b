package wasmsamplingpolicy

import (
	"sync"
	"sync/atomic"
)

// outcome of a decision that the policy made.
type outcome uint8

const (
	outcomeSampled outcome = iota
	outcomeNotSampled
	outcomeDropped
	outcomeLimited // there was a reason to keep it, and a budget left it out
	outcomes
)

var outcomeNames = [outcomes]string{"sampled", "not_sampled", "dropped", "limited"}

// cause of a fault.
type cause uint8

const (
	causeTrap cause = iota
	causeFuel
	causeTimeout
	causeStatus
	causeBadDecision
	causeDropNotAllowed
	causeBadReason
	causeBadAnswer
	causeTooBig
	causeNoInstance
	causeBreakerOpen
	causes
)

var causeNames = [causes]string{"trap", "fuel", "timeout", "status", "bad_decision", "drop_not_allowed", "bad_reason", "bad_answer", "too_big", "no_instance", "breaker_open"}

// tally counts for one evaluator. Synchronous OpenTelemetry counters cost several times a decision;
// these are added to in place and read by the observable counters.
type tally struct {
	reasons int
	row     *row // decisions about no model
	faults  [causes]atomic.Uint64

	// byNumber finds the row of a model by the number that the instance in use gives it; used by the
	// evaluator's goroutine alone.
	byNumber [maxModels + 2]*row

	models *models
	mu     sync.Mutex      // guards what follows
	byName map[string]*row // decisions of each model
}

// row counts the decisions about one model, by outcome and reason.
type row struct{ decisions []atomic.Uint64 }

func newTally(reasons int, models *models) *tally {
	t := &tally{reasons: reasons, models: models, byName: map[string]*row{}}
	t.row = t.newRow()
	return t
}

func (t *tally) newRow() *row { return &row{make([]atomic.Uint64, int(outcomes)*(t.reasons+1))} }

// decided counts a decision; reason 0 is none.
func (r *row) decided(o outcome, reason uint32) {
	r.decisions[int(reason)*int(outcomes)+int(o)].Add(1)
}

func (r *row) count(o outcome, reason int) uint64 {
	return r.decisions[reason*int(outcomes)+int(o)].Load()
}

func (t *tally) failed(c cause) uint64 { return t.faults[c].Add(1) }

// number gives the row of a model that the instance in use has just given a number.
func (t *tally) number(number uint32, name []byte) *row {
	label := otherModel
	if number <= maxModels {
		label = t.models.admit(name)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.byName[label]
	if r == nil {
		r = t.newRow()
		t.byName[label] = r
	}
	t.byNumber[number] = r
	return r
}

// forgetNumbers is called with each new instance, which may number models anew.
func (t *tally) forgetNumbers() { clear(t.byNumber[:]) }

// rows visits the counts of all models; that of no model has the name "".
func (t *tally) rows(visit func(model string, r *row)) {
	visit("", t.row)
	t.mu.Lock()
	defer t.mu.Unlock()
	for model, r := range t.byName {
		visit(model, r)
	}
}

const (
	// maxModels bounds the values of the label `model`.
	maxModels = 64
	// otherModel is the label of all models beyond.
	otherModel = "other"
	// maxModelName bounds a label's length, in bytes.
	maxModelName = 128
)

// models are the names that the label `model` has taken, over all evaluators.
type models struct {
	mu    sync.Mutex
	names map[string]bool
}

// admit gives the label of a model: its name, or otherModel when there are too many.
func (m *models) admit(name []byte) string {
	label := printable(name, maxModelName)
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.names[label] {
		if len(m.names) >= maxModels {
			return otherModel
		}
		m.names[label] = true
	}
	return label
}
