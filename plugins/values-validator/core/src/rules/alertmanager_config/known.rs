//! The keys that Alertmanager knows, map by map, and which of them hold a duration, a list, a boolean or
//! one text.

use crate::embedded::Text;

pub(super) const TOP: Text = text!(
    "global route receivers inhibit_rules mute_time_intervals time_intervals templates tracing event_recorder"
);

pub(super) const ROUTE: Text = text!(
    "receiver group_by continue match match_re matchers group_wait group_interval repeat_interval routes mute_time_intervals active_time_intervals labels"
);

pub(super) const INHIBIT: Text = text!(
    "name source_match source_match_re source_matchers target_match target_match_re target_matchers equal sources"
);

pub(super) const INTERVAL: &str = "name time_intervals";

pub(super) const TIMES: Text = text!("times weekdays days_of_month months years location");

pub(super) const GLOBAL: Text = text!(
    "resolve_timeout http_config smtp_from smtp_hello smtp_smarthost smtp_auth_username smtp_auth_password smtp_auth_password_file smtp_auth_secret smtp_auth_secret_file smtp_auth_identity smtp_require_tls smtp_tls_config smtp_force_implicit_tls slack_api_url slack_api_url_file slack_app_token slack_app_token_file slack_app_url pagerduty_url opsgenie_api_url opsgenie_api_key opsgenie_api_key_file wechat_api_url wechat_api_secret wechat_api_secret_file wechat_api_corp_id victorops_api_url victorops_api_key victorops_api_key_file telegram_api_url telegram_bot_token telegram_bot_token_file webex_api_url rocketchat_api_url rocketchat_token rocketchat_token_file rocketchat_token_id rocketchat_token_id_file jira_api_url mattermost_webhook_url mattermost_webhook_url_file"
);

/// Keys that hold a duration.
pub(super) const DURATIONS: Text =
    text!("group_wait group_interval repeat_interval resolve_timeout timeout reopen_duration");

/// Keys that hold a list, and keys that hold true or false.
pub(super) const LISTS: Text = text!(
    "routes receivers inhibit_rules time_intervals mute_time_intervals active_time_intervals templates group_by equal times weekdays days_of_month months years sources actions fields images links responders"
);

pub(super) const SWITCHES: Text = text!(
    "continue send_resolved require_tls smtp_require_tls smtp_force_implicit_tls force_implicit_tls short_fields link_names disable_notifications html_mode update_alerts"
);

/// Keys that hold one text.
pub(super) const PLAIN: Text = text!(
    "to from smarthost smtp_from smtp_smarthost channel url api_url webhook_url routing_key service_key receiver name"
);

/// Keys of `http_config`, from Prometheus' common library.
pub(super) const HTTP: Text = text!(
    "basic_auth authorization oauth2 bearer_token bearer_token_file tls_config follow_redirects enable_http2 proxy_url no_proxy proxy_from_environment proxy_connect_header http_headers"
);
