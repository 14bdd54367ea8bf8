//! `exabgp shell`: completion for bash, zsh and fish.
//!
//! The scripts know nothing themselves: they ask `exabgp shell candidates LINE`, which answers from
//! the tables of sub-commands, options and commands. What is completed is so always what
//! the installed program understands.

mod candidates;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::{Call, Subcommand, missing, output};

pub(super) static SHELL: Subcommand = Subcommand {
    name: "shell",
    arguments: "install|uninstall|completion [bash|zsh|fish]",
    summary: "completion of commands in your shell",
    options: |_| {},
    run,
};

/// A shell that we can complete for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shell {
    Bash,
    Fish,
    Zsh,
}

impl Shell {
    fn of(name: &str) -> Option<Self> {
        match name {
            "bash" => Some(Self::Bash),
            "fish" => Some(Self::Fish),
            "zsh" => Some(Self::Zsh),
            _ => None,
        }
    }

    const fn script(self) -> &'static str {
        match self {
            Self::Bash => include_str!("completion.bash"),
            Self::Fish => include_str!("completion.fish"),
            Self::Zsh => include_str!("completion.zsh"),
        }
    }

    /// Where the shell looks for the script, below the home folder.
    const fn file(self) -> &'static str {
        match self {
            Self::Bash => ".local/share/bash-completion/completions/exabgp",
            Self::Fish => ".config/fish/completions/exabgp.fish",
            Self::Zsh => ".zsh/completions/_exabgp",
        }
    }
}

fn run(call: &Call) -> ExitCode {
    let words: Vec<&str> = call.matches.free.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["candidates", line] => {
            candidates::print(line);
            return ExitCode::SUCCESS;
        }
        ["completion", name] => match Shell::of(name) {
            Some(shell) => {
                output::print(shell.script());
                Ok(())
            }
            None => Err(unknown(name)),
        },
        ["install", ref name @ ..] if name.len() <= 1 => chosen(call, name).and_then(install),
        ["uninstall", ref name @ ..] if name.len() <= 1 => chosen(call, name).and_then(uninstall),
        _ => return missing(&SHELL, "install, uninstall or completion", 1),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            output::error(&why);
            ExitCode::FAILURE
        }
    }
}

fn unknown(name: &str) -> String {
    format!("{name} is not known, only bash, zsh and fish are")
}

/// The shell that was named, else that of the user, else bash; and its file.
fn chosen(call: &Call, name: &[&str]) -> Result<(Shell, PathBuf), String> {
    let variables = &call.environment.variables;
    let shell = match name.first() {
        Some(name) => Shell::of(name).ok_or_else(|| unknown(name))?,
        None => {
            let usual = variables.shell.as_deref().map(Path::new).and_then(Path::file_name);
            usual.and_then(|name| Shell::of(name.to_str()?)).unwrap_or(Shell::Bash)
        }
    };
    let home = variables.home.as_deref().filter(|home| !home.is_empty());
    let home = home.ok_or("HOME is not set: there is no place for the completion")?;
    Ok((shell, Path::new(home).join(shell.file())))
}

fn install((shell, path): (Shell, PathBuf)) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    std::fs::write(&path, shell.script()).map_err(failed)?;
    output::print(&format!("{} is installed: a new shell completes exabgp\n", path.display()));
    if shell == Shell::Zsh {
        output::print(
            "zsh finds it when ~/.zshrc has, before compinit: fpath=(~/.zsh/completions $fpath)\n",
        );
    }
    Ok(())
}

fn uninstall((_, path): (Shell, PathBuf)) -> Result<(), String> {
    match std::fs::remove_file(&path) {
        Ok(()) => output::print(&format!("{} is removed\n", path.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            output::print(&format!("{} was not there\n", path.display()));
        }
        Err(error) => return Err(format!("{}: {error}", path.display())),
    }
    Ok(())
}
