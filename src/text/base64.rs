//! Base64, RFC 4648 section 4: how a key that is no text is written.

/// The octets of a text in base64, padding included; `None` when it is not that.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len() / 4 * 3);
    if !bytes.len().is_multiple_of(4) {
        return None;
    }
    let quads = bytes.len() / 4;
    for (index, quad) in bytes.chunks_exact(4).enumerate() {
        let padding = quad.iter().rev().take_while(|byte| **byte == b'=').count();
        if padding > 2 || (padding > 0 && index + 1 < quads) {
            return None;
        }
        let digits = quad.iter().take(4 - padding);
        let mut bits = digits
            .map(|byte| digit(*byte))
            .try_fold(0, |bits: u32, digit| digit.map(|digit| bits << 6 | digit))?;
        bits <<= 6 * padding;
        let [_, octets @ ..] = bits.to_be_bytes();
        let kept = octets.get(..3 - padding)?;
        if octets.iter().skip(kept.len()).any(|octet| *octet != 0) {
            return None;
        }
        out.extend_from_slice(kept);
    }
    Some(out)
}

fn digit(byte: u8) -> Option<u32> {
    let value = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_of_the_rfc() {
        for (text, octets) in [
            ("", ""),
            ("Zg==", "f"),
            ("Zm8=", "fo"),
            ("Zm9v", "foo"),
            ("Zm9vYg==", "foob"),
            ("Zm9vYmE=", "fooba"),
            ("Zm9vYmFy", "foobar"),
        ] {
            assert_eq!(decode(text).as_deref(), Some(octets.as_bytes()));
        }
        assert_eq!(decode("+/+/"), Some(vec![0xfb, 0xff, 0xbf]));
        for bad in ["Z", "Zg", "Zg=", "Z===", "====", "Zh==", "Zg==Zg==", "not base64!", "Zm9v\n"] {
            assert_eq!(decode(bad), None, "{bad}");
        }
    }
}
