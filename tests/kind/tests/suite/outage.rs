//! An outage of the far end, with a volume for the collector's queue.

use anyhow::Result;
use kind_tests::release::{Release, merge, values};
use kind_tests::requests::{COLLECTOR, requests};
use kind_tests::room::room;
use kind_tests::sink::Sink;
use kind_tests::volume::{FOLDER, remove, volume};
use serde_json::json;

#[tokio::test]
async fn with_a_volume_an_outage_of_the_far_end_and_a_replaced_collector_lose_nothing() -> Result<()>
{
    room("outage", |room| async move {
        let class = room.namespace.clone();
        volume(&room, &class, FOLDER).await?;
        let sink = Sink::away(&room).await?;
        let mut values = values(&room, &sink.url())?;
        let storage = json!({"persistent": true, "size": "100Mi", "storageClassName": class});
        merge(&mut values, json!({"tracing": {"storage": storage}}));
        Release::install(&room, &values).await?;
        // Nothing answers there, and the pod that holds the queue ends: what waits is decided.
        let (_, slow) = requests(&room, 3).await?;
        room.replace(COLLECTOR).await?;
        sink.arrive().await?;
        sink.all_of(&slow).await?;
        remove(&room, &class).await
    })
    .await
}
