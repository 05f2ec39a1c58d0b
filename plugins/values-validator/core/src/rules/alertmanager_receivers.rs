//! What each of Alertmanager's receivers cannot do without.

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
