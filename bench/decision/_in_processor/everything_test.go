package tailsamplingprocessor

import "fmt"

// everything are the chart's own settings, with limits of one model's own.
var everything = map[string]any{
	"errors":   map[string]any{},
	"slowest":  map[string]any{},
	"baseline": map[string]any{},
	"budget":   map[string]any{"traces_per_minute": 120},
	"models":   map[string]any{"model-0": map[string]any{"time_to_first_token": "9s"}},
}

// everythingPeer is the name of everythingInOTTL.
const everythingPeer = "composite of ottl_condition"

// everythingInOTTL does as much of it as the stock processor can: failed calls of any span, the limits of one
// model and of all others, a sample of the rest, each with a part of one budget (`composite`). Left out is
// what has no equivalent: limits that are learnt, and the part of them that a fixed limit on time per output
// token would replace; a minimum for each model; the reason, value and cause.
func everythingInOTTL() PolicyCfg {
	const model = `resource.attributes["gen_ai.response.model"]`
	limits := func(of, firstToken string) string {
		return fmt.Sprintf(`name == "llm_request" and %s and (attributes["gen_ai.latency.e2e"] > 120.0 or attributes["gen_ai.latency.time_to_first_token"] > %s or attributes["gen_ai.latency.time_in_model_decode"] > 60.0)`, of, firstToken)
	}
	const failed = `status.code == STATUS_CODE_ERROR or attributes["error.type"] != nil` +
		` or attributes["http.response.status_code"] == 429 or attributes["http.response.status_code"] == 499 or attributes["http.response.status_code"] >= 500` +
		` or attributes["http.status_code"] == 429 or attributes["http.status_code"] == 499 or attributes["http.status_code"] >= 500`
	order := []string{"errors", "limits of model-0", "limits", "baseline"}
	return PolicyCfg{
		sharedPolicyCfg: sharedPolicyCfg{Name: everythingPeer, Type: Composite},
		CompositeCfg: CompositeCfg{
			MaxTotalSpansPerSecond: 1000,
			PolicyOrder:            order,
			SubPolicyCfg: []CompositeSubPolicyCfg{
				{sharedPolicyCfg: sharedPolicyCfg{Name: order[0], Type: OTTLCondition, OTTLConditionCfg: spanCondition(failed)}},
				{sharedPolicyCfg: sharedPolicyCfg{Name: order[1], Type: OTTLCondition, OTTLConditionCfg: spanCondition(limits(model+` == "model-0"`, "9.0"))}},
				{sharedPolicyCfg: sharedPolicyCfg{Name: order[2], Type: OTTLCondition, OTTLConditionCfg: spanCondition(limits(model+` != "model-0"`, "10.0"))}},
				{sharedPolicyCfg: sharedPolicyCfg{Name: order[3], Type: Probabilistic, ProbabilisticCfg: ProbabilisticCfg{SamplingPercentage: 0.1}}},
			},
		},
	}
}

func spanCondition(condition string) OTTLConditionCfg {
	return OTTLConditionCfg{ErrorMode: "ignore", SpanConditions: []string{condition}}
}
