//! A mutator that makes the same inputs from the same seed, on every machine.

/// Pseudo-random numbers (xorshift64*).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `limit`, which is not zero.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.bits() % limit as u64).expect("below a usize")
    }

    /// One of them.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    fn octet(&mut self) -> u8 {
        const EDGES: &[u8] = &[0, 1, 2, 3, 4, 7, 8, 16, 24, 32, 64, 127, 128, 0xf0, 0xfe, 0xff];
        if self.below(2) == 0 { *self.pick(EDGES) } else { self.bits().to_le_bytes()[3] }
    }
}

/// Changes octets in up to six places, and keeps it below `most` octets.
pub fn octets(bytes: &mut Vec<u8>, other: &[u8], random: &mut Random, most: usize) {
    for _ in 0..=random.below(6) {
        let at = random.below(bytes.len() + 1);
        match random.below(9) {
            0 | 1 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            2 | 3 if at < bytes.len() => bytes[at] = random.octet(),
            4 => bytes.insert(at, random.octet()),
            5 if at < bytes.len() => drop(bytes.remove(at)),
            6 => bytes.truncate(at),
            7 => {
                let from = random.below(bytes.len() + 1).min(at);
                let piece = bytes[from..at.min(from + 64)].to_vec();
                bytes.splice(at..at, piece);
            }
            8 if !other.is_empty() => {
                let from = random.below(other.len());
                let to = from + random.below(other.len() - from) + 1;
                let end = (at + random.below(8)).min(bytes.len());
                bytes.splice(at..end, other[from..to].iter().copied());
            }
            _ => {}
        }
    }
    bytes.truncate(most);
}

/// The body of an UPDATE changed inside one of its attributes or its fields, the lengths around
/// it made right again: what octets at random rarely get past.
pub fn update(body: &[u8], other: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    let (withdrawn, rest) = field(body)?;
    let (block, announced) = field(rest)?;
    let mut attributes = split(block)?;
    let mut withdrawn = withdrawn.to_vec();
    let mut announced = announced.to_vec();
    let count = attributes.len();
    let choice = random.below(count + 2);
    match attributes.get_mut(choice) {
        Some((_, value)) => octets(value, other, random, 8192),
        None if choice == count => octets(&mut withdrawn, other, random, 4096),
        None => octets(&mut announced, other, random, 4096),
    }
    if random.below(8) == 0 && !attributes.is_empty() {
        let (head, _) = random.pick(&attributes).clone();
        let (_, value) = random.pick(&attributes).clone();
        attributes.push((head, value));
    }
    let mut block = Vec::new();
    for ([flags, code], value) in attributes {
        let length = u16::try_from(value.len()).ok()?;
        block.extend([flags | 0x10, code]);
        block.extend(length.to_be_bytes());
        block.extend(value);
    }
    let mut out = u16::try_from(withdrawn.len()).ok()?.to_be_bytes().to_vec();
    out.extend(withdrawn);
    out.extend(u16::try_from(block.len()).ok()?.to_be_bytes());
    out.extend(block);
    out.extend(announced);
    (out.len() <= 65_535 - 19).then_some(out)
}

/// An attribute: flags and code, value.
type Attribute = ([u8; 2], Vec<u8>);

fn field(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}

fn split(mut block: &[u8]) -> Option<Vec<Attribute>> {
    let mut attributes = Vec::new();
    while let [flags, code, rest @ ..] = block {
        let (value, behind) = if flags & 0x10 != 0 {
            field(rest)?
        } else {
            let (length, rest) = rest.split_first()?;
            rest.split_at_checked(usize::from(*length))?
        };
        attributes.push(([*flags, *code], value.to_vec()));
        block = behind;
    }
    block.is_empty().then_some(attributes)
}

/// A text with words moved, repeated, cut and replaced, and now and then an octet.
pub fn text(text: &str, other: &str, random: &mut Random) -> Vec<u8> {
    const WORDS: &[&str] = &[
        "{",
        "}",
        ";",
        "[",
        "]",
        "(",
        ")",
        "\"",
        "'",
        "\\",
        "#",
        "\n",
        "self",
        "next-hop",
        "0",
        "4294967296",
        "65536",
        "-1",
        "::/0",
        "0.0.0.0/0",
        "10.0.0.0/33",
        "split /32",
        "0x",
        "%",
        "\u{0}",
        "é",
        "announce",
        "neighbor",
        "inherit",
        "label",
        "rd 1:1",
        "nlri",
        "withdraw",
    ];
    if random.below(4) == 0 {
        let mut bytes = text.as_bytes().to_vec();
        octets(&mut bytes, other.as_bytes(), random, 1 << 16);
        return bytes;
    }
    let mut pieces: Vec<&str> = text.split_inclusive([' ', '\n', ';', '{', '}']).collect();
    let others: Vec<&str> = other.split_inclusive([' ', '\n', ';', '{', '}']).collect();
    for _ in 0..=random.below(4) {
        let at = random.below(pieces.len() + 1);
        match random.below(5) {
            0 if at < pieces.len() => drop(pieces.remove(at)),
            1 if !others.is_empty() => pieces.insert(at, *random.pick::<&str>(&others)),
            2 => pieces.insert(at, *random.pick::<&str>(WORDS)),
            3 if at < pieces.len() => pieces[at] = *random.pick::<&str>(WORDS),
            4 if at < pieces.len() => {
                let moved = pieces.remove(at);
                let to = random.below(pieces.len() + 1);
                pieces.insert(to, moved);
            }
            _ => {}
        }
    }
    pieces.concat().into_bytes()
}
