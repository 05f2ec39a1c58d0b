//! Compresses the texts that the core embeds: a page and a Helm plugin load the module on every start.

use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs};

/// In the order in which `src/embedded.rs` reads them; what the sources say with `text!("…")` comes last.
const TEXTS: [&str; 9] = [
    "shape.json",
    "defaults.yaml",
    "defaults.txt",
    "recorded.txt",
    "flags.txt",
    "foreign.txt",
    "renders.txt",
    "labels.txt",
    "operator.txt",
];

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result<()> {
    println!("cargo::rerun-if-changed=src");
    let mut all = Vec::new();
    for name in TEXTS {
        all.extend(fs::read(Path::new("src").join(name))?);
        all.push(0);
    }
    let mut said = BTreeMap::new();
    collect(Path::new("src"), &mut said)?;
    for text in said.values() {
        all.extend(text.as_bytes());
        all.push(0);
    }
    pack("embedded.deflate", &all)?;
    // By itself: it is unpacked only where there are such objects, and a module does not have it.
    if env::var_os("CARGO_FEATURE_FULL").is_some() {
        pack("objects.deflate", &fs::read("src/objects.json")?)?;
    }
    Ok(())
}

/// Writes bytes, compressed, to where the sources include them from.
fn pack(name: &str, bytes: &[u8]) -> Result<()> {
    let packed = if env::var_os("CARGO_FEATURE_FULL").is_some() {
        miniz_oxide::deflate::compress_to_vec(bytes, 10)
    } else {
        // Slower, and 5 % less: a module has a limit.
        let mut packed = Vec::new();
        zopfli::compress(
            zopfli::Options::default(),
            zopfli::Format::Deflate,
            bytes,
            &mut packed,
        )?;
        packed
    };
    fs::write(Path::new(&env::var("OUT_DIR")?).join(name), packed)?;
    Ok(())
}

/// Every `text!("…")` below a folder, by its key.
fn collect(folder: &Path, said: &mut BTreeMap<u32, String>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, said)?;
        } else if path.extension().is_some_and(|end| end == "rs") {
            for rest in fs::read_to_string(&path)?.split("text!(").skip(1) {
                let Some(rest) = rest.trim_start().strip_prefix('"') else {
                    continue;
                };
                let text =
                    literal(rest).ok_or(format!("{}: a text! without an end", path.display()))?;
                match said.insert(key::of(&text), text.clone()) {
                    Some(other) if other != text => {
                        return Err(
                            format!("{other:?} and {text:?} have one key: reword one").into()
                        );
                    }
                    _ => {}
                }
            }
        }
    }
    Ok(())
}

/// The text of a string literal, from behind its first quote.
fn literal(source: &str) -> Option<String> {
    let mut text = String::new();
    let mut rest = source.chars().peekable();
    loop {
        match rest.next()? {
            '"' => return Some(text),
            '\\' => match rest.next()? {
                'n' => text.push('\n'),
                '\n' => while rest.next_if(|c| c.is_whitespace()).is_some() {},
                c @ ('"' | '\\') => text.push(c),
                _ => return None,
            },
            c => text.push(c),
        }
    }
}

#[path = "src/key.rs"]
mod key;
