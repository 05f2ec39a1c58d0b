//! The text with what helm forgives made what the parser takes.

/// The text with what helm forgives made what the parser takes, each character at its index: tabs
/// between things, brackets that close further left than they may, comments without a space before.
/// None when there is nothing of the kind.
pub(super) fn relaxed(text: &str) -> Option<String> {
    let relax = Relax::over(text);
    relax.changed.then(|| relax.chars.iter().collect())
}

/// Blanks that [`padded`] adds before a line.
pub(super) const PAD: usize = 200;

/// The text with the further lines of texts in quotes indented by [`PAD`], and which lines these are, from
/// 1: helm takes them at any indentation, and none counts. None when there is no such line.
pub(super) fn padded(text: &str) -> Option<(String, Vec<usize>)> {
    let relax = Relax::over(text);
    let mut out = String::new();
    let (mut line, mut lines) = (1, Vec::new());
    for (at, c) in relax.chars.iter().enumerate() {
        out.push(*c);
        if *c == '\n' {
            line += 1;
            if relax.breaks.binary_search(&at).is_ok() && lines.len() < 1000 {
                lines.push(line);
                out.push_str(&" ".repeat(PAD));
            }
        }
    }
    (!lines.is_empty()).then_some((out, lines))
}

struct Relax {
    chars: Vec<char>,
    at: usize,
    brackets: usize,
    changed: bool,
    /// Line breaks within quotes.
    breaks: Vec<usize>,
}

impl Relax {
    fn over(text: &str) -> Self {
        let mut relax = Self {
            chars: text.chars().collect(),
            at: 0,
            brackets: 0,
            changed: false,
            breaks: Vec::new(),
        };
        while relax.at < relax.chars.len() {
            relax.step();
        }
        relax
    }

    fn step(&mut self) {
        match self.chars[self.at] {
            quote @ ('"' | '\'') if self.starts() => self.quoted(quote),
            '#' if self.starts() || self.follows(&[']', '}', '"', '\'', ',', '|', '>']) => {
                let adjacent = !self.follows(&[' ', '\t', '\n']);
                while self.at < self.chars.len() && self.chars[self.at] != '\n' {
                    if adjacent || self.brackets > 0 {
                        self.put(' ');
                    }
                    self.at += 1;
                }
                return;
            }
            '[' | '{' if self.brackets > 0 || self.starts() => self.brackets += 1,
            ']' | '}' => self.brackets = self.brackets.saturating_sub(1),
            '|' | '>' if self.brackets == 0 && self.starts() => return self.block(),
            '\t' if self.brackets > 0 || !self.leads() => self.put(' '),
            '\n' if self.brackets > 0 => self.put(' '),
            _ => {}
        }
        self.at += 1;
    }

    fn put(&mut self, c: char) {
        self.changed |= self.chars[self.at] != c;
        self.chars[self.at] = c;
    }

    fn follows(&self, set: &[char]) -> bool {
        self.at == 0 || set.contains(&self.chars[self.at - 1])
    }

    /// Whether something new can begin here.
    fn starts(&self) -> bool {
        self.follows(&[' ', '\t', '\n'])
            || (self.brackets > 0 && self.follows(&['[', '{', ',', ':']))
    }

    /// Whether only white space is before it in its line.
    fn leads(&self) -> bool {
        let line = self.chars[..self.at]
            .iter()
            .rev()
            .take_while(|c| **c != '\n');
        line.into_iter()
            .all(|c| matches!(c, ' ' | '\t' | '-' | '?'))
    }

    fn quoted(&mut self, quote: char) {
        self.at += 1;
        let mut leading = false;
        while self.at < self.chars.len() {
            match self.chars[self.at] {
                '\\' if quote == '"' => {
                    self.at += 1;
                    if self.chars.get(self.at) == Some(&'\n') {
                        self.breaks.push(self.at);
                    }
                }
                '\n' => {
                    leading = true;
                    self.breaks.push(self.at);
                }
                '\t' if leading => self.put(' '),
                ' ' => {}
                c if c == quote => return,
                _ => leading = false,
            }
            self.at += 1;
        }
    }

    /// A block scalar: to the first line that is not deeper than its own.
    fn block(&mut self) {
        let start = self.chars[..self.at]
            .iter()
            .rposition(|c| *c == '\n')
            .map_or(0, |n| n + 1);
        let depth = |line: &[char]| line.iter().take_while(|c| **c == ' ').count();
        let own = depth(&self.chars[start..]);
        // Its header line may end in a comment.
        while self.at < self.chars.len() && self.chars[self.at] != '\n' {
            if self.chars[self.at] == '#' && !self.follows(&[' ', '\t']) {
                while self.at < self.chars.len() && self.chars[self.at] != '\n' {
                    self.put(' ');
                    self.at += 1;
                }
                break;
            }
            self.at += 1;
        }
        while self.at < self.chars.len() {
            let line = &self.chars[self.at + 1..];
            let length = line.iter().take_while(|c| **c != '\n').count();
            let blank = line[..length].iter().all(|c| *c == ' ');
            if !blank && depth(line) <= own {
                return;
            }
            self.at += length + 1;
        }
    }
}
