//! Helper processes: one that says many commands, one that hears many events.
//!
//! Their standard streams belong to the program, so what they find goes to a file.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write, stdin, stdout};
use std::time::{Duration, Instant};

use getopts::Matches;
use memchr::memmem;

use crate::{Failure, microseconds, number};

fn report(matches: &Matches) -> Result<File, Failure> {
    let path = matches.opt_str("report").ok_or("--report is missing")?;
    Ok(File::create(path)?)
}

/// Says commands: without a pause all at once, while the answers are read, if there are any; with
/// one, each after the answer to the last.
pub fn say(matches: &Matches) -> Result<(), Failure> {
    let mut report = report(matches)?;
    let count = number(matches, "count", 200_000)?;
    let pause = Duration::from_millis(u64::try_from(number(matches, "pause", 0)?)?);
    // Wait to be asked: the first line that we hear is the session's event.
    let mut input = BufReader::new(stdin().lock());
    let mut line = String::new();
    while !line.contains("\"up\"") {
        line.clear();
        if input.read_line(&mut line)? == 0 {
            return Ok(());
        }
    }
    let start = Instant::now();
    writeln!(report, "{{\"event\": \"start\"}}")?;
    if matches.opt_present("silent") {
        stdout().lock().write_all(b"silence-ack\n")?;
        let commands: String = (0..count).map(|number| command(number, None)).collect();
        stdout().lock().write_all(commands.as_bytes())?;
    } else if pause.is_zero() {
        let commands: String = (0..count).map(|number| command(number, None)).collect();
        let writing = std::thread::spawn(move || stdout().lock().write_all(commands.as_bytes()));
        answers(&mut input, count)?;
        let _ = writing.join();
    } else {
        for number in 0..count {
            std::thread::sleep(pause);
            stdout().lock().write_all(command(number, Some(microseconds())).as_bytes())?;
            stdout().lock().flush()?;
            answers(&mut input, 1)?;
        }
    }
    writeln!(report, "{{\"event\": \"done\", \"seconds\": {:.6}}}", start.elapsed().as_secs_f64())?;
    while input.read_line(&mut line)? > 0 {
        line.clear();
    }
    Ok(())
}

fn command(number: usize, med: Option<u32>) -> String {
    let [_, high, middle, low] = u32::try_from(number).unwrap_or_default().to_be_bytes();
    let med = med.map_or_else(String::new, |med| format!(" med {med}"));
    format!("announce route 10.{high}.{middle}.{low}/32 next-hop 10.0.0.9{med}\n")
}

fn answers(input: &mut impl BufRead, count: usize) -> Result<(), Failure> {
    let mut line = String::new();
    let mut heard = 0;
    while heard < count {
        line.clear();
        if input.read_line(&mut line)? == 0 {
            return Err("the program ended".into());
        }
        match line.trim_end() {
            "done" => heard += 1,
            "error" => return Err("a command was refused".into()),
            _ => {}
        }
    }
    Ok(())
}

/// Hears events until the End-of-RIB, and counts lines, octets and prefixes.
pub fn hear(matches: &Matches) -> Result<(), Failure> {
    let mut report = report(matches)?;
    let expected = number(matches, "count", 1_000_000)?;
    let mut input = stdin().lock();
    let mut buffer = vec![0; 1 << 20];
    let (mut kept, mut bytes, mut lines, mut prefixes) = (0, 0, 0, 0);
    let nlri = memmem::Finder::new(b"\"nlri\"");
    loop {
        let count = input.read(&mut buffer[kept..])?;
        if count == 0 {
            return Ok(());
        }
        let filled = kept + count;
        // Whole lines only: a word may lie across two reads.
        let Some(end) = memchr::memrchr(b'\n', &buffer[..filled]).map(|end| end + 1) else {
            kept = filled;
            if kept == buffer.len() {
                buffer.resize(buffer.len() * 2, 0);
            }
            continue;
        };
        bytes += end;
        lines += memchr::memchr_iter(b'\n', &buffer[..end]).count();
        let before = prefixes;
        prefixes += nlri.find_iter(&buffer[..end]).count();
        if before < expected && prefixes >= expected {
            writeln!(
                report,
                "{{\"event\": \"heard\", \"lines\": {lines}, \"prefixes\": {prefixes}, \"bytes\": {bytes}}}"
            )?;
        }
        buffer.copy_within(end..filled, 0);
        kept = filled - end;
    }
}
