//! JSON for people: the text of a value, one member a line.

/// The text, which is JSON, with `width` blanks a level; 0 keeps it in one line.
pub fn indented(json: &[u8], width: usize) -> String {
    let text = String::from_utf8_lossy(json);
    if width == 0 {
        return text.into_owned() + "\n";
    }
    let mut out = String::with_capacity(text.len() * 2);
    let mut depth = 0_usize;
    let mut quoted = false;
    let mut escaped = false;
    // An opening bracket whose content is not seen yet.
    let mut opened = false;
    let newline = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n(' ', depth * width));
    };
    for character in text.chars() {
        if quoted {
            out.push(character);
            quoted = escaped || character != '"';
            escaped = !escaped && character == '\\';
            continue;
        }
        if character.is_ascii_whitespace() {
            continue;
        }
        let closes = matches!(character, '}' | ']');
        if std::mem::take(&mut opened) && !closes {
            newline(&mut out, depth);
        } else if closes && !out.ends_with(['{', '[']) {
            newline(&mut out, depth.saturating_sub(1));
        }
        out.push(character);
        match character {
            '{' | '[' => {
                depth += 1;
                opened = true;
            }
            '}' | ']' => depth = depth.saturating_sub(1),
            ',' => newline(&mut out, depth),
            ':' => out.push(' '),
            '"' => quoted = true,
            _ => {}
        }
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_stand_on_lines() {
        let json = br#"{ "a": [ 1, "x, {\"" ], "b": { }, "c": [ ] }"#;
        let text = "{\n  \"a\": [\n    1,\n    \"x, {\\\"\"\n  ],\n  \"b\": {},\n  \"c\": []\n}\n";
        assert_eq!(indented(json, 2), text);
        assert_eq!(indented(br#"{ "a": 1 }"#, 0), "{ \"a\": 1 }\n");
    }
}
