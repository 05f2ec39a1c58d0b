//! Lines of a file that cannot be read, moved to another depth together, and its tabs as blanks.

use super::lines::depth;
use crate::Source;

/// Most lines that are moved together.
const MOST: usize = 60;

/// Whether there is something in a line that is no comment.
fn filled(line: &str) -> bool {
    !line.trim().is_empty() && !line.trim_start().starts_with('#')
}

/// How deep the keys of a line are: behind the dash.
fn inner(line: &str) -> usize {
    depth(line) + if line.trim().starts_with("- ") { 2 } else { 0 }
}

/// The texts with the lines around that number at other depths, each with words.
pub fn meant(text: &str, number: usize) -> Vec<(String, String)> {
    let lines: Vec<&str> = text.split('\n').collect();
    let mut all = tabs(&lines);
    let Some(at) = (0..number.min(lines.len()))
        .rev()
        .find(|at| filled(lines[*at]))
    else {
        return all;
    };
    let own = depth(lines[at]);
    let mut blocks: Vec<(usize, usize)> = Vec::new();
    // The item that the line before belongs to.
    let start = (at.saturating_sub(MOST)..at)
        .rev()
        .find(|n| lines[*n].trim_start().starts_with("- ") && depth(lines[*n]) <= own);
    blocks.extend(start.map(|start| (start, at)));
    // The lines from there on that are as deep, and one of the lines before with what is below it.
    let end = |from: usize, least: usize| {
        let rest = (from + 1..lines.len()).take(MOST);
        { rest }
            .find(|n| filled(lines[*n]) && depth(lines[*n]) < least)
            .unwrap_or(lines.len())
    };
    blocks.push((at, end(at, own)));
    let near = (0..=at).rev().filter(|n| filled(lines[*n])).take(4);
    for from in near.chain((at + 1..lines.len()).find(|n| filled(lines[*n]))) {
        blocks.push((from, end(from, depth(lines[from]) + 1)));
        blocks.push((from, from + 1));
    }
    for (from, to) in blocks {
        for step in [2, -2, 1, -1, 4, -4, 3, -3_isize] {
            if let Some(text) = shifted(&lines, from, to, step) {
                let deep = depth(lines[from]).saturating_add_signed(step);
                let line = lines[from].trim();
                let more = if to > from + 1 {
                    " and the lines below it"
                } else {
                    ""
                };
                all.push((text, format!("indent `{line}`{more} by {deep} spaces")));
            }
        }
    }
    all
}

/// The text with some lines deeper or less deep.
fn shifted(lines: &[&str], from: usize, to: usize, step: isize) -> Option<String> {
    let mut new = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let moved = (from..to).contains(&at) && !line.trim().is_empty();
        new.push(if moved {
            let deep = depth(line).checked_add_signed(step)?;
            format!("{:deep$}{}", "", line.trim_start_matches(' '))
        } else {
            (*line).to_owned()
        });
    }
    Some(new.join("\n"))
}

/// The text with each tab at the beginning of a line as blanks: two, four, or as deep as the line before.
fn tabs(lines: &[&str]) -> Vec<(String, String)> {
    if !lines.iter().any(|line| line.contains('\t')) {
        return Vec::new();
    }
    let mut all = Vec::new();
    for width in [2, 4, 0, 1] {
        let mut before = 0;
        let mut new = Vec::new();
        for line in lines {
            let rest = line.trim_start();
            let blank = &line[..line.len() - rest.len()];
            let rest = rest.replace('\t', " ");
            let deep = match width {
                _ if !blank.contains('\t') => blank.len(),
                0 => before,
                1 => blank.len(),
                width => blank.replace('\t', &" ".repeat(width)).len(),
            };
            let line = format!("{:deep$}{rest}", "");
            if filled(&line) {
                before = inner(&line);
            }
            new.push(line);
        }
        let words = text!("indent with spaces, never with tabs").to_string();
        all.push((new.join("\n"), words));
    }
    all
}

/// The line behind a key without a value, below it.
pub fn below(source: &Source, at: usize, key: &str) -> Option<(String, String)> {
    let mut lines: Vec<String> = source.text.split('\n').map(str::to_owned).collect();
    let line = lines.get(at.checked_sub(1)?)?;
    let own = depth(line);
    line.trim()
        .strip_suffix(':')
        .filter(|start| *start == key)?;
    let next = lines.get(at).filter(|next| !next.trim().is_empty())?;
    if depth(next) != own {
        return None;
    }
    let words = format!("indent `{}` below {key}", next.trim());
    let rest = lines[at + 1..].iter().take_while(|line| depth(line) > own);
    let end = at + 1 + rest.count();
    for line in &mut lines[at..end] {
        line.insert_str(0, "  ");
    }
    Some((lines.join("\n"), words))
}
