//! Several releases in one cluster: one of each team, all of one name; one of the platform over the fleets of
//! both; and a second one of a team over its own fleet. Nobody counts another's pods, and nobody's end harms
//! another.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use kind_tests::faults::now;
use kind_tests::neighbours::{Row, SOON, equals, fired, fires, firing, lean, vector, write};
use kind_tests::release::{NAME, Release};
use kind_tests::room::{Room, room};
use kind_tests::servers::Servers;
use kind_tests::wait::{Seen, until};
use serde_json::{Value, json};

/// Has the chart's name in it, so that it is the prefix of its objects.
const SECOND: &str = "second-vllm-monitoring";

#[tokio::test]
async fn releases_of_teams_and_of_the_platform_see_their_own_fleets_alone() -> Result<()> {
    room("team-a", |a| async move {
        room("team-b", move |b| async move {
            room("platform", move |platform| async move {
                story(&a, &b, &platform).await
            })
            .await
        })
        .await
    })
    .await
}

fn entry(name: &str, room: &Room, replicas: u32) -> Value {
    json!({"name": name, "replicas": replicas, "namespaces": [room.namespace], "selector": {"app": "vllm"}})
}

async fn story(a: &Room, b: &Room, platform: &Room) -> Result<()> {
    let _fleet_a = Servers::start(a, 2).await?;
    let fleet_b = Servers::start(b, 1).await?;
    let values_a = lean(a, json!([entry("chat", a, 2)]))?;
    let values_b = lean(b, json!([entry("chat", b, 1)]))?;
    let both = json!([entry("chat-a", a, 2), entry("chat-b", b, 1)]);
    let team_a = Release::install(a, &values_a).await?;
    let team_b = Release::install(b, &values_b).await?;
    let all = Release::install(platform, &lean(platform, both)?).await?;
    let second = Release::install_as(a, SECOND, &values_a).await?;

    // Each sees its entries' pods, each pod once.
    let of_a = (a.namespace.as_str(), 2.0);
    let of_b = (b.namespace.as_str(), 1.0);
    for (release, wanted) in [
        (&team_a, vec![("chat", of_a)]),
        (&team_b, vec![("chat", of_b)]),
        (&all, vec![("chat-a", of_a), ("chat-b", of_b)]),
        (&second, vec![("chat", of_a)]),
    ] {
        sees(release, &wanted).await?;
        let (passed, said) = release.test().await?;
        ensure!(passed, "{said}");
        ensure!(
            firing(release).await?.is_empty(),
            "{:?}",
            firing(release).await?
        );
    }

    // A team's outage is the team's and the platform's.
    fleet_b.scale(0).await?;
    fires(&team_b, &["VllmFleetDown chat", "VllmReplicaDown chat"]).await?;
    fires(&all, &["VllmFleetDown chat-b", "VllmReplicaDown chat-b"]).await?;
    for release in [&team_a, &second] {
        ensure!(
            fired(release).await?.is_empty(),
            "{:?}",
            fired(release).await?
        );
    }
    fleet_b.scale(1).await?;
    fires(&team_b, &[]).await?;
    fires(&all, &[]).await?;

    // Ends of one leave the others as they were.
    second.uninstall().await?;
    team_b.uninstall().await?;
    let gone = now();
    sees_since(&team_a, gone, 2.0).await?;
    sees_since(&all, gone, 3.0).await?;
    let again = Release::install(b, &values_b).await?;
    equals(&again, "entry:vllm_replicas:up", 1.0).await?;
    for release in [&all, &again, &team_a] {
        let (passed, said) = release.test().await?;
        ensure!(passed, "{said}");
        release.uninstall().await?;
    }
    write(
        "teams",
        &[Row::new(
            &["prometheus", "helm"],
            &format!(
                "four releases in three namespaces, standalone: `{NAME}` of team a and of team b, `{NAME}` of the platform \
                 over the fleets of both, a second one over the fleet of a; team b loses its fleet; releases are uninstalled"
            ),
            "each release counts its entries' pods, each once; `helm test` of each passes; the outage raises \
             VllmFleetDown and VllmReplicaDown in the releases of b and of the platform and no alert in the others; \
             an uninstalled release leaves the others scraping, and is installed again",
        )],
    )
}

/// Waits until a release has exactly these entries, each with so many pods of one namespace up, and no series
/// of vLLM from elsewhere.
async fn sees(release: &Release, wanted: &[(&str, (&str, f64))]) -> Result<()> {
    let wanted: BTreeMap<String, f64> = (wanted.iter())
        .map(|(entry, (namespace, count))| (format!("{entry} {namespace}"), *count))
        .collect();
    let counted = "sum by (model, namespace) (pod:vllm_target:up)";
    let scraped = "count by (model, namespace) (vllm:num_requests_running)";
    until(&format!("{wanted:?}"), SOON, || async {
        let mut found = Vec::new();
        for query in [counted, scraped] {
            let series = vector(release, query).await?;
            let named = |(labels, value): (BTreeMap<String, String>, f64)| {
                let of = |key: &str| labels.get(key).cloned().unwrap_or_default();
                (format!("{} {}", of("model"), of("namespace")), value)
            };
            found.push(series.into_iter().map(named).collect::<BTreeMap<_, _>>());
        }
        Ok(if found.iter().all(|found| *found == wanted) {
            Seen::Yes(())
        } else {
            Seen::NotYet(format!("{found:?}"))
        })
    })
    .await
}

/// Waits for that many targets up in scrapes that are younger than this, in seconds since 1970.
async fn sees_since(release: &Release, since: f64, wanted: f64) -> Result<()> {
    let query = format!("sum(up{{model!=\"\"}} and timestamp(up{{model!=\"\"}}) > {since})");
    equals(release, &query, wanted).await
}
