//! The recordings of real vLLM servers in `tests/fixtures/vllm`. The folders are the list: a new one is read by every test.
//!
//! A folder is `<release>` or `<release>/<variant>`; its README says what the files in it are.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// One recorded server.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Capture {
    /// vLLM's release by its numbers, so that captures sort by age.
    numbers: Vec<u32>,
    /// What differs from a plain server of that release: `optional`, `fastapi-0.165.0`. Empty for the plain one.
    pub variant: String,
}

/// `tests/fixtures/vllm`.
#[must_use]
pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/vllm")
}

/// Every recorded server, by release, the plain one of a release before its variants.
///
/// # Errors
/// If the folder cannot be read, or a name in it is no release.
pub fn all() -> io::Result<Vec<Capture>> {
    let mut found = Vec::new();
    for release in folders(&fixtures())? {
        let numbers: Vec<u32> = release
            .split('.')
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map_err(|_| {
                io::Error::other(format!(
                    "{}/{release}: expected a release of vLLM such as 0.33.0 as the folder's name",
                    fixtures().display()
                ))
            })?;
        for variant in folders(&fixtures().join(&release))? {
            found.push(Capture {
                numbers: numbers.clone(),
                variant,
            });
        }
        found.push(Capture {
            numbers,
            variant: String::new(),
        });
    }
    found.sort();
    Ok(found)
}

/// The plain recordings, one a release, oldest first.
///
/// # Errors
/// As [`all`].
pub fn releases() -> io::Result<Vec<Capture>> {
    let mut found = all()?;
    found.retain(|capture| capture.variant.is_empty());
    Ok(found)
}

/// The recordings that have spans.
///
/// # Errors
/// As [`all`].
pub fn traced() -> io::Result<Vec<Capture>> {
    let mut found = all()?;
    found.retain(|capture| capture.path("traces.jsonl").is_file());
    Ok(found)
}

impl Capture {
    /// vLLM's release, such as `0.33.0`.
    #[must_use]
    pub fn release(&self) -> String {
        let numbers: Vec<String> = self.numbers.iter().map(u32::to_string).collect();
        numbers.join(".")
    }

    /// The folder below `tests/fixtures/vllm`, such as `0.33.0/optional`.
    #[must_use]
    pub fn name(&self) -> String {
        match self.variant.as_str() {
            "" => self.release(),
            variant => format!("{}/{variant}", self.release()),
        }
    }

    /// A file of the folder.
    #[must_use]
    pub fn path(&self, file: &str) -> PathBuf {
        fixtures().join(self.name()).join(file)
    }

    /// The text of a file of the folder.
    ///
    /// # Errors
    /// If it cannot be read; the message names the file.
    pub fn read(&self, file: &str) -> io::Result<String> {
        let path = self.path(file);
        fs::read_to_string(&path)
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
    }

    /// Name and text of every `metrics-*.txt`, by name.
    ///
    /// # Errors
    /// If one cannot be read.
    pub fn bodies(&self) -> io::Result<Vec<(String, String)>> {
        let mut names: Vec<String> = entries(&self.path(""))?
            .into_iter()
            .filter(|(name, is_folder)| {
                !is_folder && name.starts_with("metrics-") && name.ends_with(".txt")
            })
            .map(|(name, _)| name)
            .collect();
        names.sort();
        names
            .into_iter()
            .map(|name| Ok((name.clone(), self.read(&name)?)))
            .collect()
    }
}

fn folders(of: &Path) -> io::Result<Vec<String>> {
    let mut entries = entries(of)?;
    entries.retain(|(_, is_folder)| *is_folder);
    Ok(entries.into_iter().map(|(name, _)| name).collect())
}

/// Name, and whether it is a folder.
fn entries(of: &Path) -> io::Result<Vec<(String, bool)>> {
    fs::read_dir(of)
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", of.display())))?
        .map(|entry| {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            Ok((name, entry.file_type()?.is_dir()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_in_the_order_of_their_numbers_and_variants_follow_the_plain_server() {
        let names: Vec<String> = all()
            .expect("the recordings")
            .iter()
            .map(Capture::name)
            .collect();
        let place = |name: &str| names.iter().position(|other| other == name);
        for (before, after) in [
            ("0.10.2", "0.20.2"),
            ("0.20.2", "0.20.2/fastapi-0.165.0"),
            ("0.20.2/fastapi-0.165.0", "0.32.0"),
            ("0.33.0", "0.33.0/optional"),
        ] {
            assert!(place(before).is_some(), "{before} is not in {names:?}");
            assert!(place(before) < place(after), "{names:?}");
        }
        let plain = releases().expect("the recordings");
        assert!(plain.iter().all(|capture| !capture.name().contains('/')));
        assert!(plain.is_sorted());
    }

    #[test]
    fn every_recording_has_bodies_and_says_its_families() {
        for capture in all().expect("the recordings") {
            assert!(
                !capture.bodies().expect("bodies").is_empty(),
                "{}",
                capture.name()
            );
            assert!(capture.path("families.txt").is_file(), "{}", capture.name());
        }
    }

    #[test]
    fn the_projects_readme_names_every_release() {
        let text = fs::read_to_string(fixtures().join("../../../README.md")).expect("the README");
        for capture in releases().expect("the recordings") {
            assert!(text.contains(&capture.release()), "{}", capture.release());
        }
    }

    #[test]
    fn the_readme_has_a_row_for_every_recording_and_no_other() {
        let text = fs::read_to_string(fixtures().join("README.md")).expect("the README");
        let rows: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split_once("/` |"))
            .map(|(name, _)| name)
            .collect();
        let names: Vec<String> = all()
            .expect("the recordings")
            .iter()
            .map(Capture::name)
            .collect();
        assert_eq!(rows, names);
    }
}
