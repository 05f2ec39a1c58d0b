//! Exporters, secrets and balancers of the collector.

use chart_tests::with;

#[test]
fn every_sending_exporter_has_a_queue_on_the_volume_where_there_is_one() {
    let rendered = with(&[
        "tracing.exporters.otlp.jaeger.endpoint=http://jaeger:4317",
        "tracing.exporters.otlphttp.tempo.endpoint=http://tempo:4318",
        "tracing.storage.persistent=true",
    ])
    .unwrap();
    let config = rendered.config_maps_with("collector.yaml")[0].1;
    let config: serde_yaml::Value = serde_yaml::from_str(config).unwrap();
    for exporter in ["otlp_grpc/jaeger", "otlp_http/tempo"] {
        let queue = &config["exporters"][exporter]["sending_queue"];
        assert_eq!(
            queue["storage"].as_str(),
            Some("file_storage"),
            "{exporter}"
        );
        assert!(queue["batch"].is_mapping(), "{exporter}");
    }
    assert_eq!(
        serde_yaml::to_string(&config["service"]["pipelines"]["traces"]["exporters"]).unwrap(),
        "- debug\n- otlp_grpc/jaeger\n- otlp_http/tempo\n"
    );
}

/// Certificates and tokens come as files and environment: a ConfigMap is read by many.
#[test]
fn secrets_are_named_by_pods_and_read_from_files() {
    let to = "tracing.exporters.otlp.tempo";
    let rendered = with(&[
        "tracing.receiver.tls.secretName=callers",
        "tracing.receiver.tls.clientCA=ca.crt",
        "tracing.receiver.client.secretName=client",
        "tracing.receiver.bearerToken.secretName=tokens",
        &format!("{to}.endpoint=https://tempo:4317"),
        &format!("{to}.headersFrom.x-token.name=tempo"),
        &format!("{to}.headersFrom.x-token.key=header"),
        &format!("{to}.tlsSecret.name=tempo-tls"),
        &format!("{to}.tlsSecret.ca=ca.crt"),
    ])
    .unwrap();
    let config = rendered.config_maps_with("collector.yaml")[0].1;
    let config: serde_yaml::Value = serde_yaml::from_str(config).unwrap();
    let pod = &rendered
        .of_kind("StatefulSet")
        .find(|o| o["metadata"]["name"].as_str() == Some("vllm-monitoring-collector"))
        .unwrap()["spec"]["template"]["spec"];
    let container = &pod["containers"][0];
    let exporter = &config["exporters"]["otlp_grpc/tempo"];
    let grpc = &config["receivers"]["otlp"]["protocols"]["grpc"];
    let token = &config["extensions"]["bearertokenauth"]["filename"];
    let folder = |mount: &serde_yaml::Value| {
        let (path, name) = (mount["mountPath"].as_str()?, mount["name"].as_str()?);
        let volumes = pod["volumes"].as_sequence()?;
        let volume = volumes.iter().find(|v| v["name"].as_str() == Some(name))?;
        Some((
            path.to_owned(),
            volume["secret"]["secretName"].as_str()?.to_owned(),
        ))
    };
    let mounts = container["volumeMounts"].as_sequence().unwrap();
    let folders: Vec<_> = mounts.iter().filter_map(folder).collect();
    for (file, secret) in [
        (&grpc["tls"]["cert_file"], "callers"),
        (&grpc["tls"]["key_file"], "callers"),
        (&grpc["tls"]["client_ca_file"], "callers"),
        (token, "tokens"),
        (&exporter["tls"]["ca_file"], "tempo-tls"),
    ] {
        let (path, _) = file.as_str().unwrap().rsplit_once('/').unwrap();
        let found = folders.iter().find(|(folder, _)| folder == path);
        assert_eq!(
            found.map(|(_, secret)| secret.as_str()),
            Some(secret),
            "{file:?}"
        );
    }
    let env = &container["env"].as_sequence().unwrap()[1];
    let reads = format!("${{env:{}}}", env["name"].as_str().unwrap());
    assert_eq!(
        exporter["headers"]["x-token"].as_str(),
        Some(reads.as_str())
    );
    assert_eq!(
        env["valueFrom"]["secretKeyRef"]["name"].as_str(),
        Some("tempo")
    );
    assert_eq!(
        env["valueFrom"]["secretKeyRef"]["key"].as_str(),
        Some("header")
    );
}

#[test]
fn balancers_stand_before_several_samplers_alone() {
    let selected = |set: &[&str]| {
        let rendered = with(set).unwrap();
        let service = rendered
            .of_kind("Service")
            .find(|o| o["metadata"]["name"].as_str() == Some("vllm-monitoring-collector"))
            .unwrap()
            .clone();
        let component = &service["spec"]["selector"]["app.kubernetes.io/component"];
        (
            component.as_str().unwrap().to_owned(),
            rendered.config_maps_with("balancer.yaml").len(),
            rendered.of_kind("PodDisruptionBudget").count(),
        )
    };
    let (wanted, two) = (
        "tracing.balancer.enabled=true",
        "tracing.collector.replicas=2",
    );
    let (collector, balancer) = ("collector".to_owned(), "balancer".to_owned());
    assert_eq!(selected(&[]), (collector.clone(), 0, 0));
    assert_eq!(selected(&[wanted]), (collector.clone(), 0, 0));
    assert_eq!(selected(&[two]), (collector, 0, 1));
    assert_eq!(selected(&[wanted, two]), (balancer, 1, 2));
}
