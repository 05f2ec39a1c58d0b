//! A toolchain that is installed without what rust-toolchain.toml lists: rustup adds nothing to it by
//! itself, so `tools/rust` does. Here in a home of rustup's own, on the parts of this machine's
//! toolchain; what rustup would download comes from a folder.

#![allow(clippy::expect_used, clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use flate2::Compression;
use flate2::write::GzEncoder;
use harness::repo;

const TARGET: &str = "wasm32-unknown-unknown";
const COMPONENT: &str = "rust-std-wasm32-unknown-unknown";
const LIST: &str = "multirust-channel-manifest.toml";

/// The answer of a program of this machine, without the blank at its end.
fn said(program: &str, arguments: &[&str]) -> String {
    let out = Command::new(program)
        .args(arguments)
        .current_dir(repo::root())
        .output()
        .unwrap();
    assert!(out.status.success(), "{program} {arguments:?}: {out:?}");
    String::from_utf8(out.stdout).unwrap().trim().to_owned()
}

/// Names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().flatten();
    entries
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect()
}

/// The toolchain at `sysroot` by links, without the standard library of any wasm target; rustup's
/// lists of what is installed say so too.
fn without_wasm(sysroot: &Path, to: &Path) {
    let (from, rustlib) = (sysroot.join("lib/rustlib"), to.join("lib/rustlib"));
    fs::create_dir_all(&rustlib).unwrap();
    fs::create_dir(to.join("bin")).unwrap();
    let lists = ["components", "multirust-config.toml", LIST];
    for (folder, left_out) in [
        ("", &["lib", "bin"][..]),
        ("bin", &[]),
        ("lib", &["rustlib"]),
        ("lib/rustlib", &lists),
    ] {
        for name in names(&sysroot.join(folder)) {
            if left_out.contains(&name.as_str()) || name.contains("wasm32") {
                continue;
            }
            let [from, to] = [sysroot, to].map(|top| top.join(folder).join(&name));
            // rustc looks for the rest of a toolchain from where its own files lie, links followed.
            if from.is_dir() {
                symlink(from, to).unwrap();
            } else if fs::hard_link(&from, &to).is_err() {
                fs::copy(&from, &to).unwrap();
            }
        }
    }
    for (list, between) in [("components", "\n"), ("multirust-config.toml", "\n\n")] {
        let text = fs::read_to_string(from.join(list)).unwrap();
        let others = text.split(between).filter(|part| !part.contains("wasm32"));
        let others: Vec<&str> = others.collect();
        fs::write(rustlib.join(list), others.join(between)).unwrap();
    }
}

/// Writes the target's standard library as rustup downloads it, and its hash into the toolchain's list
/// of what there is.
fn serve(sysroot: &Path, toolchain: &Path, server: &Path) {
    let list = fs::read_to_string(sysroot.join("lib/rustlib").join(LIST)).unwrap();
    let start = list.find(&format!("[pkg.rust-std.target.{TARGET}]\n"));
    let part = list[start.unwrap()..].split("\n\n").next().unwrap();
    let value = |key: &str| {
        let line = part.lines().find_map(|line| line.strip_prefix(key));
        line.unwrap().trim_matches([' ', '=', '"']).to_owned()
    };
    let url = value("url");
    let archive = server.join(url.strip_prefix("https://static.rust-lang.org/").unwrap());
    fs::create_dir_all(archive.parent().unwrap()).unwrap();

    let name = archive.file_name().unwrap().to_str().unwrap();
    let top = name.strip_suffix(".tar.gz").unwrap();
    let file = File::create(&archive).unwrap();
    let mut tar = tar::Builder::new(GzEncoder::new(file, Compression::none()));
    let library = format!("lib/rustlib/{TARGET}/lib");
    let mut files = names(&sysroot.join(&library));
    files.retain(|name| sysroot.join(&library).join(name).is_file());
    let manifest: String = files
        .iter()
        .map(|name| format!("file:{library}/{name}\n"))
        .collect();
    for (path, text) in [
        ("components", format!("{COMPONENT}\n")),
        ("rust-installer-version", "3\n".to_owned()),
        (&format!("{COMPONENT}/manifest.in"), manifest),
    ] {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, format!("{top}/{path}"), text.as_bytes())
            .unwrap();
    }
    for name in &files {
        let path = format!("{top}/{COMPONENT}/{library}/{name}");
        tar.append_path_with_name(sysroot.join(&library).join(name), path)
            .unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap();

    let sum = said("sha256sum", &[archive.to_str().unwrap()]);
    let changed = part.replace(&value("hash"), sum.split(' ').next().unwrap());
    // Without the other format of the same.
    let changed = changed.lines().filter(|line| !line.starts_with("xz_"));
    let changed: Vec<&str> = changed.collect();
    let list = list.replace(part, &changed.join("\n"));
    fs::write(toolchain.join("lib/rustlib").join(LIST), list).unwrap();
}

/// A machine where rustup has this toolchain, and it lacks the targets.
struct Machine {
    home: tempfile::TempDir,
    toolchain: PathBuf,
}

impl Machine {
    fn new() -> Self {
        let sysroot = PathBuf::from(said("rustc", &["--print", "sysroot"]));
        let channel = said("rustup", &["show", "active-toolchain"]);
        let home = tempfile::tempdir().unwrap();
        let name = channel.split(' ').next().unwrap();
        let toolchain = home.path().join("toolchains").join(name);
        without_wasm(&sysroot, &toolchain);
        serve(&sysroot, &toolchain, &home.path().join("server"));
        Self { home, toolchain }
    }

    /// A program in the repository's root; `path` in place of PATH.
    fn run(&self, program: &str, arguments: &[&str], path: Option<&Path>) -> Output {
        let server = self.home.path().join("server");
        let mut command = Command::new("env");
        // What cargo and rustup tell their children about the toolchain that runs this test.
        for name in ["RUSTUP_TOOLCHAIN", "RUSTC", "LD_LIBRARY_PATH"] {
            command.arg(format!("--unset={name}"));
        }
        let proxies = PathBuf::from(said("sh", &["-c", "command -v rustup"]));
        let own = std::env::var("PATH").unwrap();
        command.arg(match path {
            Some(path) => format!("PATH={}", path.display()),
            // Cargo puts the real toolchain first in its children's PATH.
            None => format!("PATH={}:{own}", proxies.parent().unwrap().display()),
        });
        command
            .arg(program)
            .args(arguments)
            .current_dir(repo::root())
            .env("RUSTUP_HOME", self.home.path())
            .env("RUSTUP_DIST_SERVER", format!("file://{}", server.display()))
            .output()
            .unwrap()
    }

    /// Compiles an empty crate to the target; the compiler's words where it cannot.
    fn compile(&self) -> Result<(), String> {
        let source = self.home.path().join("empty.rs");
        fs::write(&source, "").unwrap();
        let out = self.home.path().join("out");
        let [source, out] = [&source, &out].map(|path| path.to_str().unwrap());
        let arguments = ["--crate-type=lib", "--target", TARGET, "-o", out, source];
        let out = self.run("rustc", &arguments, None);
        let words = String::from_utf8_lossy(&out.stderr).into_owned();
        out.status.success().then_some(()).ok_or(words)
    }
}

#[test]
fn a_missing_target_is_added_by_rustup_and_named_where_there_is_none() {
    let machine = Machine::new();
    let words = machine.compile().expect_err("the target is missing");
    assert!(words.contains("can't find crate for"), "{words}");

    // A toolchain alone, as a distribution packages it.
    let bare = machine.home.path().join("bare");
    fs::create_dir(&bare).unwrap();
    symlink(machine.toolchain.join("bin/rustc"), bare.join("rustc")).unwrap();
    for tool in ["env", "bash", "dirname", "cut"] {
        let found = said("sh", &["-c", &format!("command -v {tool}")]);
        symlink(found, bare.join(tool)).unwrap();
    }
    let out = machine.run("tools/rust", &[TARGET], Some(&bare));
    let words = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(!out.status.success(), "{words}");
    for part in [TARGET, "no rustup", "install the target", "README.md"] {
        assert!(words.contains(part), "{words}");
    }

    let out = machine.run("tools/rust", &["clippy", TARGET], None);
    let words = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(out.status.success(), "{words}");
    machine.compile().unwrap();

    // Once it is there, rustup is not asked.
    let out = machine.run("tools/rust", &[TARGET], Some(&bare));
    assert!(out.status.success() && out.stderr.is_empty(), "{out:?}");
}

#[test]
fn a_part_that_is_neither_component_nor_target_is_refused() {
    let tool = repo::root().join("tools/rust");
    let out = Command::new(tool).arg("colour").output().unwrap();
    let words = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(
        !out.status.success() && words.contains("'colour'"),
        "{words}"
    );
}

/// On the machine of who writes such a script, the target was added long ago.
#[test]
fn every_script_that_compiles_to_a_target_makes_sure_of_it() {
    let mut found = 0;
    for file in said("git", &["ls-files"]).lines() {
        let Ok(text) = fs::read_to_string(repo::root().join(file)) else {
            continue; // not text
        };
        let script = text.starts_with("#!") || file == "Makefile";
        if script && text.contains("cargo build") && text.contains("--target ") {
            found += 1;
            assert!(
                text.contains("tools/rust "),
                "{file} does not ask tools/rust"
            );
        }
    }
    assert!(found >= 2, "{found} scripts");
}
