//! `families.txt`: name and type of every family of vLLM's in a body.

use std::collections::BTreeSet;

/// One line a family, sorted; the `*_created` ones are part of their counter.
pub fn of(body: &str) -> String {
    let found: BTreeSet<&str> = body
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE "))
        .filter(|line| line.starts_with("vllm:"))
        .filter(|line| {
            line.split(' ')
                .next()
                .is_some_and(|name| !name.ends_with("_created"))
        })
        .collect();
    found.into_iter().map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_families_of_a_recording_are_the_ones_in_its_list() {
        for capture in captures::all().expect("the recordings") {
            let (_, body) = capture.bodies().expect("bodies").remove(0);
            let listed = capture.read("families.txt").expect("a list");
            let sorted: std::collections::BTreeSet<&str> = listed.lines().collect();
            let found = super::of(&body);
            assert!(found.lines().eq(sorted), "{}:\n{found}", capture.name());
        }
    }
}
