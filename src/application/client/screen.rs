//! Answers for people: columns that line up, and colours where there is a terminal.

/// Rows that are lined up with each other; longer answers are lined up in parts.
pub(super) const ROWS: usize = 2000;

const BOLD: &str = "\x1b[1m";
const DIM: &str = "\x1b[2m";
const GREEN: &str = "\x1b[32m";
const YELLOW: &str = "\x1b[33m";
const RED: &str = "\x1b[31m";
const PLAIN: &str = "\x1b[0m";

/// What an answer shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// `show neighbor summary`: columns already, under a header.
    Summary,
    /// `show adj-rib`: a route a line.
    Routes,
    /// Objects and lists.
    Json,
    /// Lines as they are.
    Plain,
}

impl Shape {
    /// The shape of the answer to a command.
    pub(super) fn of(command: &str, json: bool) -> Self {
        let words: Vec<&str> = command.split(' ').collect();
        let has = |word| words.contains(&word);
        if json {
            Self::Json
        } else if has("show") && has("summary") {
            Self::Summary
        } else if has("show") && (has("adj-rib") || has("rib")) && !has("extensive") {
            Self::Routes
        } else {
            Self::Plain
        }
    }
}

/// Lays lines out; `first` when none were laid out before.
pub(super) fn lay_out(shape: Shape, lines: &[String], colours: bool, first: bool) -> String {
    let paint = Paint { colours };
    match shape {
        Shape::Summary => {
            lines.iter().enumerate().map(|(n, line)| summary(n, line, paint)).collect()
        }
        Shape::Routes => routes(lines, paint, first),
        Shape::Json => lines.iter().map(|line| pretty(line)).collect(),
        Shape::Plain => lines.iter().map(|line| plain(line, paint)).collect(),
    }
}

/// Whether colours may be used.
#[derive(Clone, Copy, Debug)]
struct Paint {
    colours: bool,
}

impl Paint {
    fn with(self, colour: &str, text: &str) -> String {
        if self.colours { format!("{colour}{text}{PLAIN}") } else { text.to_owned() }
    }
}

fn summary(row: usize, line: &str, paint: Paint) -> String {
    let colour = match line {
        _ if row == 0 => BOLD,
        line if line.contains(" established ") => GREEN,
        line if line.contains(" idle ") => RED,
        _ => YELLOW,
    };
    paint.with(colour, line) + "\n"
}

fn plain(line: &str, paint: Paint) -> String {
    let colour = if line.starts_with("error:") { RED } else { "" };
    if colour.is_empty() { format!("{line}\n") } else { paint.with(colour, line) + "\n" }
}

/// `ADDRESS AFI SAFI NLRI …` in three columns.
fn routes(lines: &[String], paint: Paint, first: bool) -> String {
    let rows: Vec<[String; 3]> = lines
        .iter()
        .map(|line| {
            let mut words = line.splitn(4, ' ').map(str::to_owned);
            let mut next = || words.next().unwrap_or_default();
            let (peer, afi, safi) = (next(), next(), next());
            [peer, format!("{afi} {safi}"), next()]
        })
        .collect();
    let header = ["neighbor", "family", "route"].map(str::to_owned);
    let width = |column: usize| {
        let cells = rows.iter().chain([&header]).filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let (peers, families) = (width(0), width(1));
    let line =
        |[peer, family, route]: &[String; 3]| format!("{peer:peers$}  {family:families$}  {route}");
    let mut text = String::new();
    if first && !rows.is_empty() {
        text += &paint.with(BOLD, &line(&header));
        text.push('\n');
    }
    for row in &rows {
        let row = line(row);
        text += row.trim_end();
        text.push('\n');
    }
    text
}

/// JSON, a member a line; text that is no JSON comes out as it is.
fn pretty(line: &str) -> String {
    if !line.starts_with(['{', '[']) {
        return format!("{line}\n");
    }
    let mut text = String::with_capacity(line.len() * 2);
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        if quoted {
            text.push(character);
            quoted = escaped || character != '"';
            escaped = !escaped && character == '\\';
            continue;
        }
        match character {
            ' ' => {}
            '"' => {
                quoted = true;
                text.push(character);
            }
            ':' => text.push_str(": "),
            ',' => {
                text.push(',');
                indent(&mut text, depth);
            }
            '{' | '[' => {
                while characters.next_if_eq(&' ').is_some() {}
                text.push(character);
                let close = if character == '{' { '}' } else { ']' };
                if characters.next_if_eq(&close).is_some() {
                    text.push(close);
                } else {
                    depth += 1;
                    indent(&mut text, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                indent(&mut text, depth);
                text.push(character);
            }
            _ => text.push(character),
        }
    }
    text.push('\n');
    text
}

fn indent(text: &mut String, depth: usize) {
    text.push('\n');
    text.extend(std::iter::repeat_n("  ", depth));
}

/// The prompt of the conversation.
pub(super) fn prompt(colours: bool) -> String {
    Paint { colours }.with(BOLD, "exabgp> ")
}

/// A remark of ours between the answers.
pub(super) fn remark(text: &str, colours: bool) -> String {
    Paint { colours }.with(DIM, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn routes_stand_in_columns() {
        let answer = "127.0.0.1 ipv4 unicast 10.0.0.0/24 next-hop 10.0.0.9\n\
                      2001:db8::1 ipv4 flow flow destination-ipv4 10.0.0.0/24\n";
        assert_eq!(
            lay_out(Shape::Routes, &lines(answer), false, true),
            "neighbor     family        route\n\
             127.0.0.1    ipv4 unicast  10.0.0.0/24 next-hop 10.0.0.9\n\
             2001:db8::1  ipv4 flow     flow destination-ipv4 10.0.0.0/24\n"
        );
        assert_eq!(lay_out(Shape::Routes, &[], false, true), "");
    }

    #[test]
    fn colours_are_for_terminals() {
        let answer = lines("Peer  state\n127.0.0.1  established  1\n::1  idle  0");
        let text = lay_out(Shape::Summary, &answer, false, true);
        assert!(!text.contains('\x1b'));
        let text = lay_out(Shape::Summary, &answer, true, true);
        assert!(text.contains("\x1b[32m127.0.0.1"), "{text:?}");
    }

    #[test]
    fn json_is_indented() {
        assert_eq!(
            lay_out(
                Shape::Json,
                &lines(r#"{"a": [1, {"b": "x, {\" y"}], "c": {}, "d": [ ]}"#),
                false,
                true
            ),
            "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"x, {\\\" y\"\n    }\n  ],\n  \"c\": {},\n  \"d\": []\n}\n"
        );
        assert_eq!(lay_out(Shape::Json, &lines("no json"), false, true), "no json\n");
    }

    #[test]
    fn the_shape_follows_the_command() {
        assert_eq!(Shape::of("show neighbor summary", false), Shape::Summary);
        assert_eq!(Shape::of("show adj-rib out", false), Shape::Routes);
        assert_eq!(Shape::of("rib show in", false), Shape::Routes);
        assert_eq!(Shape::of("show adj-rib out extensive", false), Shape::Plain);
        assert_eq!(Shape::of("show neighbor summary", true), Shape::Json);
        assert_eq!(Shape::of("version", false), Shape::Plain);
    }
}
