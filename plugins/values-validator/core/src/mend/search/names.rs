//! Names that other tools have for keys.

/// Names that other tools have for a key of the chart or of what it passes on.
const NAMES: &[(&str, &[&str])] = &[
    ("webhook_url", &["api_url", "url"]),
    ("webhook", &["api_url", "webhook_url", "url"]),
    ("url", &["webhook_url", "api_url"]),
    ("integration_key", &["routing_key"]),
    ("smtp_host", &["smtp_smarthost"]),
    ("smtp_server", &["smtp_smarthost"]),
    ("smtp_username", &["smtp_auth_username"]),
    ("smtp_user", &["smtp_auth_username"]),
    ("smtp_password", &["smtp_auth_password"]),
    ("smtp_password_file", &["smtp_auth_password_file"]),
    ("smtp_tls", &["smtp_require_tls"]),
    ("token", &["bot_token"]),
    ("token_file", &["bot_token_file"]),
    ("host", &["smarthost"]),
    ("server", &["smarthost"]),
    ("address", &["to"]),
    ("email", &["to"]),
    ("recipient", &["to"]),
    ("recipients", &["to"]),
    ("message", &["text", "message_text"]),
    ("body", &["text", "html"]),
    ("mute_times", &["mute_time_intervals"]),
    ("start", &["start_time"]),
    ("end", &["end_time"]),
    ("from", &["start_time"]),
    ("to", &["end_time"]),
    ("days", &["weekdays", "days_of_month"]),
    ("timezone", &["location"]),
    ("time_zone", &["location"]),
    ("tz", &["location"]),
    ("integration_key_file", &["routing_key_file"]),
    ("webhook_url_file", &["api_url_file", "url_file"]),
    (
        "webhook_file",
        &["api_url_file", "webhook_url_file", "url_file"],
    ),
    ("url_file", &["webhook_url_file", "api_url_file"]),
    ("api_url_file", &["webhook_url_file", "url_file"]),
    ("service_key_file", &["routing_key_file"]),
    ("bot_token_file", &["token_file"]),
    ("password_file", &["auth_password_file"]),
    ("smtp_pass_file", &["smtp_auth_password_file"]),
    ("certKey", &["cert"]),
    ("tlsCert", &["cert"]),
    ("tlsKey", &["key"]),
    ("loglevel", &["verbosity", "logLevel"]),
    ("value", &["threshold"]),
    ("team", &["labels.team"]),
    ("owner", &["labels.owner"]),
    ("service", &["labels.service"]),
    ("ttl", &["retention"]),
    ("spanStoreTTL", &["retention"]),
    ("duration", &["for"]),
    ("pending", &["for"]),
    ("threshold", &["window"]),
    ("range", &["window"]),
    ("level", &["severity", "logLevel"]),
    ("priority", &["severity"]),
    ("condition", &["expr"]),
    ("maxLen", &["maxLength"]),
    ("rate", &["share"]),
    ("percent", &["share"]),
    ("percentage", &["share"]),
    ("ratio", &["share"]),
];

/// What a key may be called here.
pub fn names(key: &str) -> &'static [&'static str] {
    NAMES
        .iter()
        .find(|(other, _)| *other == key)
        .map_or(&[], |(_, names)| names)
}

/// Short forms that names of alerts and thresholds have in full.
const SHORT: [(&str, &str); 6] = [
    ("TTFT", "TimeToFirstToken"),
    ("ttft", "timeToFirstToken"),
    ("TPOT", "InterTokenLatency"),
    ("tpot", "interTokenLatency"),
    ("ITL", "InterTokenLatency"),
    ("itl", "interTokenLatency"),
];

/// A key with its short forms in full.
pub fn spelled(key: &str) -> String {
    SHORT.iter().fold(key.to_owned(), |key, (short, full)| {
        key.replace(short, full)
    })
}
