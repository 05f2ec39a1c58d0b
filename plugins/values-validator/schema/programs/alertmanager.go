package main

import (
	"reflect"

	"github.com/prometheus/alertmanager/config"
)

func init() {
	for t, text := range map[string]schema{
		"config.duration":              {"$ref": "#/$defs/amGoDuration"},
		"config.HostPort":              {"type": "string"},
		"common.URL":                   {"type": "string"},
		"common.SecretURL":             {"type": "string"},
		"common.Regexp":                {"type": "string"},
		"timeinterval.WeekdayRange":    {"type": "string"},
		"timeinterval.DayOfMonthRange": {"type": "string"},
		"timeinterval.MonthRange":      {"type": "string"},
		"timeinterval.YearRange":       {"type": "string"},
		"timeinterval.Location":        {"type": "string"},
		"tracing.TracingClientType":    {"enum": []string{"http", "grpc"}},
		// A rule looks at them: several forms of old are taken for what they mean.
		"common.Matchers": {},
		// Its fields are not its keys.
		"timeinterval.TimeRange": {
			"additionalProperties": false,
			"properties":           schema{"start_time": schema{"type": "string"}, "end_time": schema{"type": "string"}},
			"type":                 "object",
		},
		// A text, or the map.
		"jira.JiraFieldConfig": {"anyOf": []schema{{"type": "string"}, {"$ref": "#/$defs/amJiraFieldConfig"}}},
	} {
		texts[t] = text
	}
	words = map[string][]string{
		"TelegramConfig.parse_mode":      {"", "Markdown", "MarkdownV2", "HTML"},
		"WechatConfig.message_type":      {"", "text", "markdown"},
		"ThreadingConfig.thread_by_date": {"", "none", "daily"},
		"JiraConfig.api_type":            {"auto", "cloud", "datacenter"},
	}
	for t, keys := range map[string][]string{
		"JiraConfig":             {"issue_type", "project"},
		"SlackAction":            {"text", "type"},
		"SlackConfirmationField": {"text"},
		"SlackField":             {"title", "value"},
		"MattermostField":        {"title", "value"},
		"TracingConfig":          {"endpoint"},
	} {
		required[t] = keys
	}
	// Unlike those of the chart.
	names = map[string]string{
		"eventrecorder.Config":      "amEventRecorder",
		"timeinterval.TimeInterval": "amTimes",
	}
	roots = []reflect.Type{reflect.TypeFor[config.Config]()}
}
