//! The Helm 4 plugin packaged, signed, and installed with verification.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::{Helm, built, run, stderr, stdout};

const SIGNER: &str = "test@example.com";

/// A key of this test alone, with an agent of its own.
struct Gpg(tempfile::TempDir);

impl Gpg {
    fn run(&self, arguments: &[&str]) -> Output {
        let mut gpg = Command::new("gpg");
        gpg.args([
            "--batch",
            "--quiet",
            "--pinentry-mode",
            "loopback",
            "--passphrase",
            "",
        ]);
        let output = run(gpg.args(arguments).env("GNUPGHOME", self.0.path()), b"");
        assert!(
            output.status.success(),
            "gpg {arguments:?}: {}",
            stderr(&output)
        );
        output
    }

    fn key() -> Self {
        use std::os::unix::fs::PermissionsExt;
        let gpg = Self(tempfile::tempdir().unwrap());
        fs::set_permissions(gpg.0.path(), fs::Permissions::from_mode(0o700)).unwrap();
        gpg.run(&["--quick-generate-key", SIGNER, "rsa2048", "sign", "1d"]);
        gpg
    }

    fn export(&self, what: &str, to: &Path) -> String {
        fs::write(to, self.run(&[what, SIGNER]).stdout).unwrap();
        to.display().to_string()
    }
}

impl Drop for Gpg {
    fn drop(&mut self) {
        let mut end = Command::new("gpgconf");
        let _ = end
            .args(["--kill", "all"])
            .env("GNUPGHOME", self.0.path())
            .status();
    }
}

#[test]
fn the_signed_package_installs_verified_and_is_refused_where_anything_changed() {
    let gpg = Gpg::key();
    let dir = tempfile::tempdir().unwrap();
    let secret = gpg.export("--export-secret-keys", &dir.path().join("secret.gpg"));
    let public = gpg.export("--export", &dir.path().join("public.gpg"));
    let at = dir.path().display().to_string();
    let plugin = built("helm/vllm-values").display().to_string();

    let packed = Helm::new("helm").run(
        &[
            "plugin",
            "package",
            &plugin,
            "--sign",
            "--key",
            SIGNER,
            "--keyring",
            &secret,
            "-d",
            &at,
        ],
        b"",
    );
    assert!(
        packed.status.success(),
        "{}{}",
        stdout(&packed),
        stderr(&packed)
    );
    let package = dir
        .path()
        .join(concat!("vllm-values-", env!("CARGO_PKG_VERSION"), ".tgz"))
        .display()
        .to_string();
    assert!(
        Path::new(&format!("{package}.prov")).is_file(),
        "{}",
        stdout(&packed)
    );

    let helm = Helm::new("helm");
    let install = |helm: &Helm, package: &str| {
        helm.run(&["plugin", "install", package, "--keyring", &public], b"")
    };
    let installed = install(&helm, &package);
    assert!(
        installed.status.success(),
        "{}{}",
        stdout(&installed),
        stderr(&installed)
    );
    let list = stdout(&helm.run(&["plugin", "list"], b""));
    assert!(list.contains("signed"), "{list}");
    let found = helm.run(&["vllm-values"], b"metrics: {mode: x}\n");
    assert!(
        stdout(&found).contains("values.yaml:1:17"),
        "{}",
        stdout(&found)
    );

    // One byte more, the same signature.
    let mut bytes = fs::read(&package).unwrap();
    bytes.push(0);
    fs::write(&package, bytes).unwrap();
    refused(&install(&Helm::new("helm"), &package));
    // No signature.
    fs::remove_file(format!("{package}.prov")).unwrap();
    refused(&install(&Helm::new("helm"), &package));
}

fn refused(output: &Output) {
    assert!(!output.status.success(), "{}", stdout(output));
}
