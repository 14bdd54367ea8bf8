//! The reference in `doc/`: pages made of the tables by which the program works. `make reference`
//! writes them, and a test fails where they say something else than the program does.

use getopts::Options;

use super::{SUBCOMMANDS, Subcommand};
use crate::configuration;
use crate::environment::settings::SETTINGS;
use crate::reactor;

/// A page: its file name in `doc/`, and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    pub name: &'static str,
    pub text: String,
}

/// Every page.
pub fn pages() -> Vec<Page> {
    vec![
        Page { name: "commands.md", text: commands() },
        Page { name: "configuration.md", text: configuration_page() },
        Page { name: "environment.md", text: environment() },
        Page { name: "usage.md", text: usage() },
    ]
}

fn configuration_page() -> String {
    "# Configuration\n\n\
     A statement stands on one line and ends with `;`, a section is opened by `{` on the line of \
     its name and closed by `}`. `#` begins a comment. A line that ends in `\\` goes on in the \
     next. What a template says wins over the neighbor that inherits it.\n\n\
     `exabgp configuration example` writes a file with every keyword, `exabgp validate FILE` tells \
     everything that is wrong with one, `exabgp configuration diff OLD NEW` what a reload would \
     do.\n\n"
        .to_owned()
        + &configuration::reference()
}

fn commands() -> String {
    let mut text = "# Commands\n\n\
         A helper program writes a command a line; `exabgp cli` and `exabgp run` send one. The \
         spelling of releases 4 and 5 and that of release 6 are both understood. Neighbors are \
         chosen by `neighbor ADDRESS …` before the command, or by `peer ADDRESS …`.\n\n\
         | command | also | for | what it does |\n|---|---|---|---|\n"
        .to_owned();
    for command in reactor::commands() {
        let (first, others) = command.spellings.split_first().unwrap_or((&"", &[]));
        let words = format!("{first} {}", command.syntax);
        let others: Vec<String> = others.iter().map(|other| format!("`{other}`")).collect();
        let scope = if command.chooses { "neighbors" } else { "the program" };
        text += &format!(
            "| `{}` | {} | {scope} | {} |\n",
            escaped(words.trim_end()),
            others.join(", "),
            escaped(command.help)
        );
    }
    text
}

fn environment() -> String {
    let mut text = "# Environment\n\n\
         A setting `exabgp.SECTION.NAME` is the variable of that name, or with underscores in the \
         place of the dots, or the key NAME in the section `[exabgp.SECTION]` of the file that \
         `--env-file` or `EXABGP_ENVFILE` names, else `etc/exabgp/exabgp.env`. The first of them \
         counts. `exabgp env` shows all of them, `exabgp env -d` those that differ from their \
         defaults.\n\n| setting | default | what it is for |\n|---|---|---|\n"
        .to_owned();
    for setting in SETTINGS {
        let default = match setting.default {
            "" => "none".to_owned(),
            default => format!("`{default}`"),
        };
        text += &format!(
            "| `exabgp.{}.{}` | {default} | {} |\n",
            setting.section,
            setting.name,
            escaped(setting.help)
        );
    }
    text
}

fn usage() -> String {
    let mut text = "# Command line\n\n\
         A configuration in the place of a command is served: `exabgp FILE` is `exabgp server \
         FILE`.\n"
        .to_owned();
    for subcommand in SUBCOMMANDS {
        text += &one(subcommand);
    }
    text
}

fn one(subcommand: &Subcommand) -> String {
    let mut options = Options::new();
    (subcommand.options)(&mut options);
    let usage = options.usage("");
    let lines: Vec<&str> = usage.lines().skip_while(|line| !line.starts_with("    ")).collect();
    let Subcommand { name, arguments, summary, .. } = subcommand;
    let words = format!("exabgp {name} [options] {arguments}");
    let mut text = format!("\n## {name}\n\n`{}`: {summary}.\n", words.trim_end());
    if !lines.is_empty() {
        text += &format!("\n{}\n", lines.join("\n").trim_end());
    }
    text
}

fn escaped(text: &str) -> String {
    text.replace('|', "\\|")
}
