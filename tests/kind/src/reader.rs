//! Somebody who follows a page: its commands in order, as they stand there, in one shell with the real helm and
//! kubectl. What is replaced: the names of namespaces, so that cases do not meet; values that are put over the page's
//! (images of the cluster, sizes, seconds for minutes); and what `reader.sh` says.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, Result, bail, ensure};
use harness::page::{Block, Page};
use serde_json::Value;
use tokio::process::Command;

use crate::room::Room;

/// A reader of one page.
pub struct Reader {
    page: Page,
    /// The namespace on the page, and that of the case.
    names: Vec<(&'static str, String)>,
    /// Files of the reader: the shell's state, the values that are put over the page's, the first folder.
    folder: PathBuf,
    helm: PathBuf,
    followed: BTreeSet<String>,
}

/// What a section gave.
#[derive(Debug, Default)]
pub struct Followed {
    /// What its commands printed, both streams.
    pub said: String,
    /// Its queries, one a line.
    pub queries: Vec<String>,
    /// Its blocks without a language, as arguments to pass on.
    pub plain: Vec<String>,
    /// Its values that are to be written to no file, with the namespaces of the case.
    pub values: Vec<String>,
}

impl Reader {
    /// A reader with an empty folder. `names` are namespaces of the page and those of the case instead, `over` values
    /// that each install and upgrade gets, `helm` the tool of that name.
    ///
    /// # Errors
    /// When the page cannot be read or a file cannot be written.
    pub fn new(
        room: &Room,
        page: &str,
        names: &[(&'static str, &Room)],
        over: &Value,
        helm: &str,
    ) -> Result<Self> {
        let folder = room.folder()?.join("reader");
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(folder.join("home"))?;
        std::fs::write(
            folder.join("over.yaml"),
            serde_json::to_string_pretty(over)?,
        )?;
        let names = names.iter();
        Ok(Self {
            page: Page::read(page)?,
            names: names
                .map(|(page, room)| (*page, room.namespace.clone()))
                .collect(),
            folder,
            helm: harness::repo::tool(helm)?,
            followed: BTreeSet::new(),
        })
    }

    /// Goes on with another page, in the same folder and shell.
    ///
    /// # Errors
    /// When a section of the page before was left out, or the page cannot be read.
    pub fn turn_to(&mut self, page: &str) -> Result<()> {
        self.finish()?;
        self.followed.clear();
        self.page = Page::read(page)?;
        Ok(())
    }

    /// Gives the shell a variable.
    ///
    /// # Errors
    /// When it cannot be run.
    pub async fn set(&self, name: &str, value: &str) -> Result<()> {
        self.shell(&format!("{name}='{value}'")).await.map(drop)
    }

    /// Does what the section says: writes its files, runs its commands, in order.
    ///
    /// # Errors
    /// When the page has no such section, or a command fails; the place and its words are in the error.
    pub async fn follow(&mut self, heading: &str) -> Result<Followed> {
        let mut followed = Followed::default();
        for block in self.section(heading)? {
            let place = format!("{}:{}", self.page.path, block.line);
            let text = self.with_names(&block.text);
            match (&*block.language, block.file()) {
                ("sh", _) => followed.said += &self.shell(&text).await.context(place)?,
                (_, Some(name)) => {
                    let file = self.folder.join("block");
                    std::fs::write(&file, text)?;
                    let copy = format!("cp '{}' {name}", file.display());
                    self.shell(&copy).await.context(place)?;
                }
                ("promql", _) => followed.queries.extend(text.lines().map(str::to_owned)),
                ("yaml", None) => followed.values.push(text),
                ("", _) => followed.plain.extend(text.lines().map(str::to_owned)),
                (other, _) => bail!("{place}: a block in {other}"),
            }
        }
        Ok(followed)
    }

    /// Leaves a section out, and says why.
    ///
    /// # Errors
    /// When the page has no such section.
    pub fn leave_out(&mut self, heading: &str, why: &str) -> Result<()> {
        self.section(heading)?;
        eprintln!("LEFT OUT: {}, '{heading}': {why}", self.page.path);
        Ok(())
    }

    /// The end of the page.
    ///
    /// # Errors
    /// When a section with blocks was neither followed nor left out.
    pub fn finish(&self) -> Result<()> {
        let done = ["sh", "yaml", "promql", ""];
        let blocks = self.page.blocks.iter();
        let blocks = blocks.filter(|block| done.contains(&&*block.language));
        let all: BTreeSet<_> = blocks.map(|block| block.heading.clone()).collect();
        let missed: Vec<_> = all.difference(&self.followed).collect();
        ensure!(
            missed.is_empty(),
            "{}: no test follows {missed:?}",
            self.page.path
        );
        Ok(())
    }

    /// Blocks of the section whose heading has that text, with or without a number.
    fn section(&mut self, heading: &str) -> Result<Vec<Block>> {
        let named = |block: &&Block| {
            let text = block.heading.as_str();
            text == heading
                || text
                    .split_once(". ")
                    .is_some_and(|(_, text)| text == heading)
        };
        let blocks: Vec<Block> = self.page.blocks.iter().filter(named).cloned().collect();
        let first = blocks.first();
        let first =
            first.with_context(|| format!("{}: no blocks below '{heading}'", self.page.path))?;
        self.followed.insert(first.heading.clone());
        Ok(blocks)
    }

    /// The text with the namespaces of the case, where a namespace is named.
    fn with_names(&self, text: &str) -> String {
        self.names.iter().fold(text.to_owned(), |text, (of, by)| {
            ["-n ", "--namespace ", ".", "namespaces: ["]
                .iter()
                .fold(text, |text, before| {
                    ["\n", " ", ".svc", "]"].iter().fold(text, |text, after| {
                        text.replace(
                            &format!("{before}{of}{after}"),
                            &format!("{before}{by}{after}"),
                        )
                    })
                })
        })
    }

    /// Runs commands in the shell; what they printed.
    async fn shell(&self, commands: &str) -> Result<String> {
        let prelude = include_str!("reader.sh");
        let out = Command::new("bash")
            .args(["-c", &format!("{prelude}\n{commands}")])
            .current_dir(self.folder.join("home"))
            .env("HELM", &self.helm)
            .env("OVER", self.folder.join("over.yaml"))
            .env("KUBECTL", crate::kubectl::command())
            .env("TREE", harness::repo::root())
            .env("STATE", self.folder.join("state"))
            .stdin(Stdio::null())
            .output()
            .await
            .context("bash cannot be run")?;
        let mut said = String::from_utf8_lossy(&out.stdout).into_owned();
        said += &String::from_utf8_lossy(&out.stderr);
        ensure!(out.status.success(), "{commands}\n{said}");
        Ok(said)
    }
}
