//! The seeded mutator: `mutate [--count N] [--seed N] [--seeds FOLDER] [TARGET …]`, where no coverage-guided fuzzer
//! is at hand, and for counts that are to be compared. With `--seeds` it puts the inputs that it
//! would change into a folder, as the first corpus of such a fuzzer.
//!
//! The targets are those of `hostile::checks`, and `messages`: whole UPDATEs of the vectors, octets
//! changed at random and inside their attributes; and `vectors`, which needs no chance: each of
//! them as it is, cut short at every length, and flipped at every octet. Ends with status 1 where
//! a property does not hold, or when the memory grows.

use std::collections::VecDeque;
use std::path::Path;
use std::time::Instant;

use hostile::checks::{Checks, TARGETS, Target, families};
use hostile::mutator::{self, Random};
use hostile::seeds::Seeds;

fn main() {
    let mut count = 100_000;
    let mut seed = 1;
    let mut names = Vec::new();
    let mut folder = None;
    let mut words: VecDeque<String> = std::env::args().skip(1).collect();
    while let Some(word) = words.pop_front() {
        let mut number = || words.pop_front().and_then(|word| word.parse().ok());
        match word.as_str() {
            "--count" => count = number().expect("--count N"),
            "--seed" => seed = number().expect("--seed N"),
            "--seeds" => folder = words.pop_front(),
            _ => names.push(word),
        }
    }
    if names.is_empty() {
        names = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
        names.extend(["messages", "vectors"].map(str::to_owned));
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let seeds = Seeds::read(&root);
    for name in &names {
        match (name.as_str(), &folder) {
            (_, Some(folder)) => corpus(name, &seeds, Path::new(folder)),
            ("vectors", None) => vectors(&seeds),
            (_, None) => run(name, &seeds, count, seed),
        }
    }
}

/// Writes inputs that mean something into a folder.
fn corpus(name: &str, seeds: &Seeds, folder: &Path) {
    for (index, input) in meant(name, seeds).iter().enumerate() {
        std::fs::write(folder.join(format!("seed-{index}")), input).expect("the folder is there");
    }
}

/// The inputs of a target that nobody has changed.
fn meant(name: &str, seeds: &Seeds) -> Vec<Vec<u8>> {
    let octets = |texts: &[String]| texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    match Target::named(name) {
        None => seeds.updates.clone(),
        Some(Target::Configuration) => octets(&seeds.configurations),
        Some(Target::Command) => octets(&seeds.commands),
        Some(Target::Frame) => seeds.messages.clone(),
        Some(Target::Body(kind)) => seeds.bodies(kind).map(<[u8]>::to_vec).collect(),
        Some(Target::Attributes) => {
            let blocks = seeds.updates.iter().map(|body| body.get(4..).unwrap_or_default());
            blocks.map(<[u8]>::to_vec).collect()
        }
        Some(Target::Nlri(shape)) => families(shape)
            .enumerate()
            .flat_map(|(index, family)| seeds.nlri(index, family))
            .collect(),
    }
}

/// Every UPDATE of the vectors as it is, cut short, and flipped.
fn vectors(seeds: &Seeds) {
    let update = Target::named("update").expect("a target");
    let mut checks = Checks::new();
    let start = Instant::now();
    let mut count = 0_u64;
    for body in &seeds.updates {
        attempt("vectors", body, || checks.exact(body));
        // A message of one attribute repeated to the limit says nothing more than its beginning.
        for index in 0..body.len().min(512) {
            let short = &body[..index];
            attempt("vectors", short, || update.run(short, &mut checks));
            for bits in [0xff, 0x01, 0x80] {
                let mut flipped = body.clone();
                flipped[index] ^= bits;
                attempt("vectors", &flipped, || update.run(&flipped, &mut checks));
            }
            count += 4;
        }
    }
    let (updates, spent) = (seeds.updates.len(), start.elapsed().as_secs_f64());
    println!("vectors: {updates} UPDATEs, {count} cut short or flipped, in {spent:.1} s");
}

/// Does something with an input; where it panics, says with which and ends.
fn attempt(name: &str, input: &[u8], work: impl FnOnce()) {
    if std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).is_err() {
        eprintln!("{name}: {}", exabgp::wire::Hex(input));
        std::process::exit(1);
    }
}

/// Gives `count` inputs to a target and says how long it took.
fn run(name: &str, seeds: &Seeds, count: u64, seed: u64) {
    let mut random = Random::new(seed);
    let mut checks = Checks::new();
    let meant = meant(name, seeds);
    let start = Instant::now();
    let mut settled = 0;
    for index in 0..count {
        let (target, input) = input(name, &meant, &mut random);
        attempt(name, &input, || target.run(&input, &mut checks));
        if index == count / 4 {
            settled = resident();
        }
    }
    let (spent, grown) = (start.elapsed(), resident().saturating_sub(settled));
    println!("{name}: {count} inputs in {:.1} s, {grown} KB more at the end", spent.as_secs_f64());
    if grown > 32 * 1024 {
        eprintln!("{name}: the memory grows");
        std::process::exit(1);
    }
}

/// An input for the target of this name, from those that are meant for it.
fn input(name: &str, meant: &[Vec<u8>], random: &mut Random) -> (Target, Vec<u8>) {
    let target = Target::named(name);
    match target {
        None => {
            assert_eq!(name, "messages", "there is no target {name}");
            let (body, other) = (random.pick(meant).clone(), random.pick(meant));
            let inside = (random.below(4) != 0).then(|| mutator::update(&body, other, random));
            let mutated = inside.flatten().unwrap_or_else(|| pieces(meant, random));
            (Target::named("update").expect("a target"), mutated)
        }
        Some(target @ (Target::Configuration | Target::Command)) => {
            let texts =
                [0, 1].map(|_| String::from_utf8_lossy(random.pick::<Vec<u8>>(meant)).into_owned());
            (target, mutator::text(&texts[0], &texts[1], random))
        }
        Some(target) => (target, pieces(meant, random)),
    }
}

/// One of them with octets changed.
fn pieces(meant: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    if meant.is_empty() {
        let mut made = vec![0; 1 + random.below(64)];
        mutator::octets(&mut made, &[], random, 4096);
        return made;
    }
    let (mut one, other) = (random.pick(meant).clone(), random.pick(meant));
    mutator::octets(&mut one, other, random, 4096);
    one
}

/// Kilobytes that the process holds, where the system tells.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}
