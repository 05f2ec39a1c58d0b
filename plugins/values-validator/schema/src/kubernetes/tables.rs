//! What the API server holds to and the types do not say. Source: the API reference of Kubernetes
//! 1.34, whose types say "string" and "integer".

/// The words that a field takes, by type.
pub type Words = (&'static str, &'static str, &'static [&'static str]);

pub const WORDS: &[Words] = &[
    ("AppArmorProfile", "type", PROFILES),
    (
        "Container",
        "imagePullPolicy",
        &["Always", "IfNotPresent", "Never"],
    ),
    (
        "Container",
        "terminationMessagePolicy",
        &["File", "FallbackToLogsOnError"],
    ),
    ("DeploymentStrategy", "type", &["RollingUpdate", "Recreate"]),
    ("ContainerPort", "protocol", &["TCP", "UDP", "SCTP"]),
    ("HPAScalingPolicy", "type", &["Pods", "Percent"]),
    (
        "HPAScalingRules",
        "selectPolicy",
        &["Max", "Min", "Disabled"],
    ),
    ("HTTPGetAction", "scheme", &["HTTP", "HTTPS"]),
    (
        "HostPathVolumeSource",
        "type",
        &[
            "",
            "DirectoryOrCreate",
            "Directory",
            "FileOrCreate",
            "File",
            "Socket",
            "CharDevice",
            "BlockDevice",
        ],
    ),
    (
        "LabelSelectorRequirement",
        "operator",
        &["In", "NotIn", "Exists", "DoesNotExist"],
    ),
    (
        "NodeSelectorRequirement",
        "operator",
        &["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"],
    ),
    (
        "PersistentVolumeClaimSpec",
        "volumeMode",
        &["Filesystem", "Block"],
    ),
    (
        "PodSecurityContext",
        "fsGroupChangePolicy",
        &["OnRootMismatch", "Always"],
    ),
    (
        "PodSecurityContext",
        "supplementalGroupsPolicy",
        &["Merge", "Strict"],
    ),
    ("SeccompProfile", "type", PROFILES),
    ("SecurityContext", "procMount", &["Default", "Unmasked"]),
    (
        "Toleration",
        "effect",
        &["NoSchedule", "PreferNoSchedule", "NoExecute", ""],
    ),
    ("Toleration", "operator", &["Exists", "Equal", ""]),
    (
        "TopologySpreadConstraint",
        "nodeAffinityPolicy",
        &["Honor", "Ignore"],
    ),
    (
        "TopologySpreadConstraint",
        "nodeTaintsPolicy",
        &["Honor", "Ignore"],
    ),
    (
        "TopologySpreadConstraint",
        "whenUnsatisfiable",
        &["DoNotSchedule", "ScheduleAnyway"],
    ),
    (
        "VolumeMount",
        "mountPropagation",
        &["None", "HostToContainer", "Bidirectional"],
    ),
    (
        "VolumeMount",
        "recursiveReadOnly",
        &["Disabled", "IfPossible", "Enabled"],
    ),
];

/// The same for types that the chart does not pass on, which `extraObjects` hold.
pub const OBJECT_WORDS: &[Words] = &[
    (
        "CronJobSpec",
        "concurrencyPolicy",
        &["Allow", "Forbid", "Replace"],
    ),
    (
        "DaemonSetUpdateStrategy",
        "type",
        &["RollingUpdate", "OnDelete"],
    ),
    (
        "HTTPIngressPath",
        "pathType",
        &["Exact", "Prefix", "ImplementationSpecific"],
    ),
    ("JobSpec", "completionMode", &["NonIndexed", "Indexed"]),
    (
        "MetricSpec",
        "type",
        &[
            "Resource",
            "Pods",
            "Object",
            "External",
            "ContainerResource",
        ],
    ),
    (
        "MetricTarget",
        "type",
        &["Utilization", "Value", "AverageValue"],
    ),
    ("NetworkPolicyPort", "protocol", &["TCP", "UDP", "SCTP"]),
    ("NetworkPolicySpec", "policyTypes", &["Ingress", "Egress"]),
    ("PersistentVolumeClaimSpec", "accessModes", ACCESS),
    ("PersistentVolumeSpec", "accessModes", ACCESS),
    (
        "PersistentVolumeSpec",
        "persistentVolumeReclaimPolicy",
        &["Retain", "Recycle", "Delete"],
    ),
    (
        "PersistentVolumeSpec",
        "volumeMode",
        &["Filesystem", "Block"],
    ),
    (
        "PodDisruptionBudgetSpec",
        "unhealthyPodEvictionPolicy",
        &["IfHealthyBudget", "AlwaysAllow"],
    ),
    (
        "PodSpec",
        "dnsPolicy",
        &["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"],
    ),
    (
        "PodSpec",
        "restartPolicy",
        &["Always", "OnFailure", "Never"],
    ),
    (
        "PriorityClass",
        "preemptionPolicy",
        &["PreemptLowerPriority", "Never"],
    ),
    ("RoleRef", "kind", &["Role", "ClusterRole"]),
    ("ServicePort", "protocol", &["TCP", "UDP", "SCTP"]),
    (
        "ServiceSpec",
        "externalTrafficPolicy",
        &["Cluster", "Local"],
    ),
    (
        "ServiceSpec",
        "internalTrafficPolicy",
        &["Cluster", "Local"],
    ),
    (
        "ServiceSpec",
        "ipFamilyPolicy",
        &["SingleStack", "PreferDualStack", "RequireDualStack"],
    ),
    ("ServiceSpec", "sessionAffinity", &["ClientIP", "None"]),
    (
        "ServiceSpec",
        "type",
        &["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"],
    ),
    (
        "StatefulSetSpec",
        "podManagementPolicy",
        &["OrderedReady", "Parallel"],
    ),
    (
        "StatefulSetUpdateStrategy",
        "type",
        &["RollingUpdate", "OnDelete"],
    ),
    (
        "StorageClass",
        "reclaimPolicy",
        &["Retain", "Recycle", "Delete"],
    ),
    (
        "StorageClass",
        "volumeBindingMode",
        &["Immediate", "WaitForFirstConsumer"],
    ),
    ("Subject", "kind", &["User", "Group", "ServiceAccount"]),
];

const ACCESS: &[&str] = &[
    "ReadWriteOnce",
    "ReadOnlyMany",
    "ReadWriteMany",
    "ReadWriteOncePod",
];

const PROFILES: &[&str] = &["RuntimeDefault", "Localhost", "Unconfined"];

/// The least and the most that a field takes, by type.
pub type Bounds = (&'static str, &'static str, (i64, Option<i64>));

pub const BOUNDS: &[Bounds] = &[
    ("ContainerPort", "containerPort", PORT),
    ("ContainerPort", "hostPort", PORT),
    ("CronJobSpec", "startingDeadlineSeconds", (0, None)),
    ("DeploymentSpec", "replicas", (0, None)),
    ("GRPCAction", "port", PORT),
    ("HPAScalingPolicy", "periodSeconds", (1, Some(1800))),
    ("HPAScalingPolicy", "value", (1, None)),
    (
        "HPAScalingRules",
        "stabilizationWindowSeconds",
        (0, Some(3600)),
    ),
    ("PreferredSchedulingTerm", "weight", (1, Some(100))),
    ("Probe", "failureThreshold", (1, None)),
    ("Probe", "initialDelaySeconds", (0, None)),
    ("Probe", "periodSeconds", (1, None)),
    ("Probe", "successThreshold", (1, None)),
    ("Probe", "terminationGracePeriodSeconds", (1, None)),
    ("Probe", "timeoutSeconds", (1, None)),
    ("ServicePort", "nodePort", PORT),
    ("ServicePort", "port", PORT),
    ("StatefulSetSpec", "replicas", (0, None)),
    ("TopologySpreadConstraint", "maxSkew", (1, None)),
    ("TopologySpreadConstraint", "minDomains", (1, None)),
    ("WeightedPodAffinityTerm", "weight", (1, Some(100))),
];

const PORT: (i64, Option<i64>) = (1, Some(65535));

/// The form of a text, or of each of a list, by type.
pub type Forms = (&'static str, &'static str, &'static str);

pub const FORMS: &[Forms] = &[
    ("Container", "name", DNS_LABEL),
    (
        "ContainerPort",
        "name",
        "^[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?$",
    ),
    (
        "EmptyDirVolumeSource",
        "medium",
        "^(Memory|HugePages(-[0-9]+[KMG]i)?)?$",
    ),
    ("EnvVar", "name", "^[^=]+$"),
    ("LabelSelectorRequirement", "key", super::LABEL_KEY),
    ("LabelSelectorRequirement", "values", super::LABEL_VALUE),
    ("TopologySpreadConstraint", "topologyKey", super::LABEL_KEY),
    ("Volume", "name", DNS_LABEL),
    ("VolumeMount", "mountPath", "^[^:]+$"),
    ("VolumeMount", "name", DNS_LABEL),
];

const DNS_LABEL: &str = "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$";

/// Fields that `null` may leave to the platform also where Helm does not take it away: within lists.
pub const NULLABLE: &[(&str, &[&str])] = &[
    (
        "PodSecurityContext",
        &["runAsUser", "runAsGroup", "fsGroup", "runAsNonRoot"],
    ),
    (
        "SecurityContext",
        &["runAsUser", "runAsGroup", "runAsNonRoot"],
    ),
];

/// Fields that are left out, by type: drivers of volumes that Kubernetes has removed or tells not to
/// use, and what only the API server writes. They would be a third of the schema.
pub const OMITTED: &[(&str, &[&str])] = &[
    (
        "ObjectMeta",
        &[
            "creationTimestamp",
            "deletionGracePeriodSeconds",
            "deletionTimestamp",
            "finalizers",
            "generateName",
            "generation",
            "managedFields",
            "name",
            "namespace",
            "ownerReferences",
            "resourceVersion",
            "selfLink",
            "uid",
        ],
    ),
    (
        "Volume",
        &[
            "awsElasticBlockStore",
            "azureDisk",
            "azureFile",
            "cephfs",
            "cinder",
            "flexVolume",
            "flocker",
            "gcePersistentDisk",
            "gitRepo",
            "glusterfs",
            "photonPersistentDisk",
            "portworxVolume",
            "quobyte",
            "rbd",
            "scaleIO",
            "storageos",
            "vsphereVolume",
        ],
    ),
];
