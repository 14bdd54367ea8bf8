//! The seeded mutator: `mutate [--count N] [--seed N] [TARGET …]`, where no coverage-guided fuzzer
//! is at hand, and for counts that are to be compared.
//!
//! The targets are those of `hostile::checks`, and `messages`: whole UPDATEs of the vectors, octets
//! changed at random and inside their attributes. Ends with status 1 when the memory grows.

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
    let mut words: VecDeque<String> = std::env::args().skip(1).collect();
    while let Some(word) = words.pop_front() {
        let mut number = || words.pop_front().and_then(|word| word.parse().ok());
        match word.as_str() {
            "--count" => count = number().expect("--count N"),
            "--seed" => seed = number().expect("--seed N"),
            _ => names.push(word),
        }
    }
    if names.is_empty() {
        names = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
        names.push("messages".to_owned());
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let seeds = Seeds::read(&root);
    for name in &names {
        run(name, &seeds, count, seed);
    }
}

/// Gives `count` inputs to a target and says how long it took.
fn run(name: &str, seeds: &Seeds, count: u64, seed: u64) {
    let mut random = Random::new(seed);
    let mut checks = Checks::new();
    let start = Instant::now();
    let mut settled = 0;
    for index in 0..count {
        let (target, input) = input(name, seeds, &mut random);
        let told = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            target.run(&input, &mut checks);
        }));
        if told.is_err() {
            eprintln!("{name}: input {index} of seed {seed}: {}", exabgp::wire::Hex(&input));
            std::process::exit(1);
        }
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

/// An input for the target of this name.
fn input(name: &str, seeds: &Seeds, random: &mut Random) -> (Target, Vec<u8>) {
    let target = Target::named(name);
    match target {
        None => {
            assert_eq!(name, "messages", "there is no target {name}");
            let body = random.pick(&seeds.updates).clone();
            let other = random.pick(&seeds.updates);
            let mutated = match random.below(4) {
                0 => None,
                _ => mutator::update(&body, other, random),
            };
            let mutated = mutated.unwrap_or_else(|| {
                let mut body = body;
                mutator::octets(&mut body, other, random, 4096);
                body
            });
            (Target::named("update").expect("a target"), mutated)
        }
        Some(Target::Configuration) => {
            let [one, other] = [0, 1].map(|_| random.pick(&seeds.configurations).as_str());
            (Target::Configuration, mutator::text(one, other, random))
        }
        Some(Target::Command) => {
            let [one, other] = [0, 1].map(|_| random.pick(&seeds.commands).as_str());
            (Target::Command, mutator::text(one, other, random))
        }
        Some(Target::Frame) => (Target::Frame, pieces(&seeds.messages, random, |bytes| bytes)),
        Some(Target::Body(kind)) => {
            let own: Vec<&[u8]> = seeds.bodies(kind).collect();
            (Target::Body(kind), pieces(&own, random, |bytes| *bytes))
        }
        Some(Target::Attributes) => {
            let block = |body: &[u8]| body.get(4..).unwrap_or_default().to_vec();
            let own: Vec<Vec<u8>> = seeds.updates.iter().map(|body| block(body)).collect();
            (Target::Attributes, pieces(&own, random, |bytes| bytes))
        }
        Some(Target::Nlri(shape)) => {
            let own: Vec<Vec<u8>> = families(shape)
                .enumerate()
                .flat_map(|(index, family)| seeds.nlri(index, family))
                .collect();
            (Target::Nlri(shape), pieces(&own, random, |bytes| bytes))
        }
    }
}

/// One of them with octets changed.
fn pieces<T>(items: &[T], random: &mut Random, bytes: impl Fn(&T) -> &[u8]) -> Vec<u8> {
    if items.is_empty() {
        let mut made = vec![0; 1 + random.below(64)];
        mutator::octets(&mut made, &[], random, 4096);
        return made;
    }
    let mut one = bytes(random.pick(items)).to_vec();
    let other = bytes(random.pick(items)).to_vec();
    mutator::octets(&mut one, &other, random, 4096);
    one
}

/// Kilobytes that the process holds, where the system tells.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}
