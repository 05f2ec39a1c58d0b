//! What Alertmanager's receivers take, and what each cannot do without.

use crate::embedded::Text;

/// Kinds of receivers with their own keys; all take `send_resolved` and most `http_config`.
pub(super) const RECEIVERS: [(&str, Text); 18] = [
    (
        "webhook_configs",
        text!("url url_file max_alerts timeout payload"),
    ),
    (
        "slack_configs",
        text!(
            "api_url api_url_file app_token app_token_file app_url channel username color title title_link pretext text fields short_fields footer fallback callback_id icon_emoji icon_url image_url thumb_url link_names mrkdwn_in actions timeout message_text update_message"
        ),
    ),
    (
        "email_configs",
        text!(
            "to from hello smarthost auth_username auth_password auth_password_file auth_secret auth_secret_file auth_identity headers html text require_tls tls_config force_implicit_tls threading"
        ),
    ),
    (
        "pagerduty_configs",
        text!(
            "routing_key routing_key_file service_key service_key_file url client client_url description details images links severity class component group source timeout"
        ),
    ),
    (
        "opsgenie_configs",
        text!(
            "api_key api_key_file api_url message description source details responders tags note priority entity actions update_alerts"
        ),
    ),
    (
        "victorops_configs",
        text!(
            "api_key api_key_file api_url routing_key message_type state_message entity_display_name monitoring_tool custom_fields"
        ),
    ),
    (
        "pushover_configs",
        text!(
            "user_key user_key_file token token_file title message url url_title device sound priority retry expire ttl html monospace"
        ),
    ),
    (
        "telegram_configs",
        text!(
            "api_url bot_token bot_token_file chat_id chat_id_file message message_thread_id disable_notifications parse_mode"
        ),
    ),
    (
        "msteams_configs",
        text!("webhook_url webhook_url_file title summary text"),
    ),
    (
        "mattermost_configs",
        text!(
            "webhook_url webhook_url_file channel username text fallback color pretext author_name author_link author_icon title title_link fields thumb_url footer footer_icon image_url icon_url icon_emoji attachments type props priority"
        ),
    ),
    (
        "msteamsv2_configs",
        text!("webhook_url webhook_url_file title text"),
    ),
    (
        "discord_configs",
        text!("webhook_url webhook_url_file title message content username avatar_url"),
    ),
    ("webex_configs", text!("api_url room_id message")),
    (
        "wechat_configs",
        text!(
            "api_secret api_secret_file api_url corp_id agent_id to_user to_party to_tag message message_type"
        ),
    ),
    (
        "sns_configs",
        text!(
            "api_url sigv4 topic_arn phone_number target_arn subject message attributes use_aws_http_client"
        ),
    ),
    (
        "jira_configs",
        text!(
            "api_url api_type project summary description labels priority issue_type reopen_transition resolve_transition wont_fix_resolution reopen_duration fields"
        ),
    ),
    (
        "rocketchat_configs",
        text!(
            "api_url channel token token_file token_id token_id_file color title title_link text fields short_fields emoji icon_url image_url thumb_url link_names actions"
        ),
    ),
    (
        "incidentio_configs",
        text!("url url_file alert_source_token alert_source_token_file max_alerts timeout"),
    ),
];
/// Kind, fields of which one must be there, and those of `global` that stand for them.
pub(super) const NEEDS: &[(&str, &str, &str)] = &[
    ("webhook_configs", "url url_file", ""),
    ("email_configs", "to", ""),
    ("email_configs", "smarthost", "smtp_smarthost"),
    ("email_configs", "from", "smtp_from"),
    (
        "slack_configs",
        "api_url api_url_file app_token app_token_file http_config.authorization",
        "slack_api_url slack_api_url_file slack_app_token slack_app_token_file",
    ),
    (
        "pagerduty_configs",
        "routing_key routing_key_file service_key service_key_file",
        "",
    ),
    (
        "opsgenie_configs",
        "api_key api_key_file",
        "opsgenie_api_key opsgenie_api_key_file",
    ),
    ("victorops_configs", "routing_key", ""),
    (
        "victorops_configs",
        "api_key api_key_file",
        "victorops_api_key victorops_api_key_file",
    ),
    ("telegram_configs", "chat_id chat_id_file", ""),
    (
        "telegram_configs",
        "bot_token bot_token_file",
        "telegram_bot_token telegram_bot_token_file",
    ),
    ("discord_configs", "webhook_url webhook_url_file", ""),
    ("msteams_configs", "webhook_url webhook_url_file", ""),
    ("msteamsv2_configs", "webhook_url webhook_url_file", ""),
    (
        "mattermost_configs",
        "webhook_url webhook_url_file",
        "mattermost_webhook_url mattermost_webhook_url_file",
    ),
    ("pushover_configs", "user_key user_key_file", ""),
    ("pushover_configs", "token token_file", ""),
    ("webex_configs", "room_id", ""),
    ("webex_configs", "http_config.authorization", ""),
    (
        "wechat_configs",
        "api_secret api_secret_file",
        "wechat_api_secret wechat_api_secret_file",
    ),
    ("wechat_configs", "corp_id", "wechat_api_corp_id"),
    ("sns_configs", "topic_arn phone_number target_arn", ""),
    ("jira_configs", "api_url", "jira_api_url"),
    (
        "rocketchat_configs",
        "token token_file",
        "rocketchat_token rocketchat_token_file",
    ),
    (
        "rocketchat_configs",
        "token_id token_id_file",
        "rocketchat_token_id rocketchat_token_id_file",
    ),
];
