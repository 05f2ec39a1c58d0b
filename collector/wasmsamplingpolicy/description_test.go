package wasmsamplingpolicy

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestADescriptionIsReadStrictly(t *testing.T) {
	d, err := parseDescription([]byte(plainDescription))
	require.NoError(t, err)
	assert.Equal(t, []string{"slow"}, d.Reasons)

	many := make([]string, maxSlots)
	for i := range many {
		many[i] = fmt.Sprintf(`"k%d"`, i)
	}
	swap := func(old, new string) string {
		require.Contains(t, plainDescription, old)
		return strings.Replace(plainDescription, old, new, 1)
	}
	_, err = parseDescription([]byte(swap(`"numbers":["gen_ai.latency.e2e"]`, `"numbers":[`+strings.Join(many, ",")+`]`)))
	require.NoError(t, err, "64 keys are allowed")
	for name, c := range map[string]struct{ text, expected string }{
		"no JSON":          {"name\nkey", "describe: "},
		"another version":  {swap(`"abi":1`, `"abi":3,"novelty":[]`), "abi: found 3; this collector speaks versions 1 to 2"},
		"no version":       {swap(`"abi":1,`, ``), "abi: found 0"},
		"unknown key":      {swap(`"fields":[]`, `"fields":[],"events":[]`), "events"},
		"wrong type":       {swap(`"reasons":["slow"]`, `"reasons":"slow"`), "reasons"},
		"more after it":    {plainDescription + "{}", "after top-level value"},
		"a key twice":      {swap(`["gen_ai.latency.e2e"]`, `["a","b","a"]`), `"a" twice`},
		"too many keys":    {swap(`["gen_ai.latency.e2e"],"strings":[]`, `[`+strings.Join(many, ",")+`],"strings":["s"]`), "found 65 attribute keys"},
		"cut off":          {plainDescription[:40], "describe: "},
		"number as a list": {swap(`"trace":[]`, `"trace":1`), "trace"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parseDescription([]byte(c.text))
			require.ErrorContains(t, err, c.expected)
		})
	}
}

func TestAConditionNamesAPartAndAnEmptyTraceIsNotSampled(t *testing.T) {
	for text, expected := range map[string]string{
		`"groups":[{"when":{"above":{"k":1.5}}}],"empty":"not_sampled"`: "",
		`"groups":[{"when":{}}]`:                      "groups[0].when: found no part; expected status, numbers, above or present",
		`"groups":[{"when":{"above":{"k":"1"}}}]`:     "above",
		`"groups":[{"when":{"above":{"k":null}}}]`:    `above: "k": found null; expected a number`,
		`"groups":[{"when":{"above":{"k":1e999}}}]`:   "1e999",
		`"groups":[{}],"empty":"sampled"`:             `empty: found "sampled"; expected "not_sampled"`,
		`"groups":[{"at_most":-1}]`:                   "at_most",
		`"groups":[{"when":{"numbers":{"k":[1,2]}}}]`: "numbers",
		`"groups":[]`: "groups: found 0; expected 1 to 16",
	} {
		_, err := parseDescription([]byte(`{"abi":2,"name":"guest",` + text + `}`))
		if expected == "" {
			require.NoError(t, err)
		} else {
			require.ErrorContains(t, err, expected, text)
		}
	}
}

func TestAKeyOf1kBIsRefusedWhereverItStands(t *testing.T) {
	key := strings.Repeat("k", 1000)
	for _, text := range []string{
		`"groups":[{}],"span":{"numbers":["%s"]}`,
		`"groups":[{}],"span":{"strings":["%s"]}`,
		`"groups":[{}],"span":{"present":["%s"]}`,
		`"groups":[{}],"resource":{"numbers":["%s"]}`,
		`"groups":[{}],"resource":{"strings":[["a","%s"]]}`,
		`"groups":[{"when":{"numbers":{"%s":[[1,2]]}}}]`,
		`"groups":[{"when":{"above":{"%s":1}}}]`,
		`"groups":[{"when":{"present":["%s"]}}]`,
	} {
		_, err := parseDescription([]byte(`{"abi":2,"name":"guest",` + fmt.Sprintf(text, key) + `}`))
		require.ErrorContains(t, err, "found a text of 1000 bytes", text)
		_, err = parseDescription([]byte(`{"abi":2,"name":"guest",` + fmt.Sprintf(text, key[:maxText]) + `}`))
		require.NoError(t, err, text)
	}
}

func TestADescriptionOf64KiBIsNotRead(t *testing.T) {
	_, err := parseDescription([]byte(strings.Repeat(" ", maxDescription) + "{}"))
	require.ErrorContains(t, err, "found 65538 bytes; expected at most 65536")
}

func TestAWishThatCannotBeGrantedIsRefused(t *testing.T) {
	for _, d := range []description{{Trace: []string{"now", "baggage"}}, {Span: spanWish{Fields: []string{"time", "baggage"}}}} {
		_, err := newProjection(&d)
		require.ErrorContains(t, err, `found "baggage"; this collector can give [`)
	}
}
