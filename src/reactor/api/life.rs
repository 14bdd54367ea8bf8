//! The lives of helpers: started, ended, started again, let go.

use std::time::Instant;

use crate::configuration;
use crate::reactor::network::Shared;

use super::leaving::Leaving;
use super::process::{Ack, Process};
use super::respawn::Respawn;
use super::{Api, Control, End, GRACE, Pipe, ProcessId, Restart, Stop, list, slot};

impl Api {
    /// Starts the helpers of a configuration, and lets go those that are no longer in it.
    pub fn configure(
        &mut self,
        programs: &[configuration::Process],
        restart: Restart,
        shared: &mut Shared,
        now: Instant,
    ) {
        self.generation += 1;
        for id in self.ids() {
            let helper = slot(&mut self.processes, id).filter(|process| !process.is_client());
            let name = helper.map(|process| &process.name);
            if name.is_some_and(|name| programs.iter().all(|program| program.name != *name)) {
                self.let_go(id, shared, now);
                self.processes.get_mut(id.0).and_then(Option::take);
            }
        }
        for program in programs {
            let id = self.place(program);
            let dialect = self.options.dialect;
            let Some(process) = slot(&mut self.processes, id) else { continue };
            let same = match restart {
                Restart::Missing => true,
                Restart::Changed => process.program == *program,
                Restart::All => false,
            };
            if process.is_running() && same {
                continue;
            }
            self.let_go(id, shared, now);
            if let Some(process) = slot(&mut self.processes, id) {
                process.adopt(program, dialect);
                process.respawns = Respawn::default();
            }
            self.start(id, shared, now);
        }
    }

    /// Looks, without waiting, which helpers have ended. What they wrote before their end is acted
    /// on before they are started again.
    pub fn reap(&mut self, shared: &mut Shared, now: Instant) {
        self.leaving.retain_mut(|leaving| !leaving.is_gone());
        for id in self.ids() {
            let Some(process) = slot(&mut self.processes, id) else { continue };
            if !process.reap() {
                continue;
            }
            if process.close_input() {
                closed(&mut self.pipes, id, End::Stdin);
            }
            if process.is_finished() {
                self.ended(id, shared, now);
            } else {
                list(&mut self.talking, id, process);
            }
        }
    }

    /// Acts on the end of the output of a helper: it has ended, or speaks no more.
    pub(super) fn output_ended(&mut self, id: ProcessId, shared: &mut Shared, now: Instant) {
        let Some(process) = slot(&mut self.processes, id) else { return };
        if process.is_client() {
            return self.client_ended(id, shared);
        }
        if process.close_output() {
            closed(&mut self.pipes, id, End::Stdout);
        }
        process.lines.clear(&mut shared.pool);
        process.reap();
        if process.is_finished() {
            self.ended(id, shared, now);
        }
    }

    /// Acts on a helper that nobody can write to.
    pub(super) fn lost(&mut self, id: ProcessId) {
        if slot(&mut self.processes, id).is_some_and(|process| process.close_input()) {
            closed(&mut self.pipes, id, End::Stdin);
        }
        if self.options.terminate {
            self.requests.push(Control::Terminate);
        }
    }

    /// An event finds its helper gone for good. A helper that ends when it has said everything is
    /// no loss before that.
    pub(super) fn missed(&mut self) {
        let asked = self.requests.contains(&Control::Terminate);
        if self.options.terminate && self.stop == Stop::No && !asked {
            self.requests.push(Control::Terminate);
        }
    }

    /// Closes every pipe; helpers that do not end by that are asked to, then forced.
    pub(super) fn close(&mut self, shared: &mut Shared, now: Instant) {
        self.stop = Stop::Closed;
        for id in self.ids() {
            self.let_go(id, shared, now);
        }
    }

    /// The first state of acknowledgements.
    fn first_ack(&self) -> Ack {
        if self.options.ack { Ack::On } else { Ack::Off }
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = ProcessId> + use<> {
        (0..self.processes.len()).map(ProcessId)
    }

    /// The place of a helper, found by its name or made.
    pub(super) fn place(&mut self, program: &configuration::Process) -> ProcessId {
        let named = |process: &Option<Box<Process>>| {
            process.as_ref().is_some_and(|process| process.name == program.name)
        };
        let found = self.processes.iter().position(named);
        ProcessId(found.unwrap_or_else(|| {
            let process = Process::new(program, self.options.dialect, self.first_ack());
            self.processes.push(Some(Box::new(process)));
            self.processes.len() - 1
        }))
    }

    fn start(&mut self, id: ProcessId, shared: &mut Shared, now: Instant) {
        let Some(process) = slot(&mut self.processes, id) else { return };
        match process.start(self.options.stderr) {
            Ok(()) => self.pipes.extend(process.ends().map(|end| Pipe::Opened(id, end))),
            Err(error) => {
                let run = process.program.run.first().map_or("", String::as_str);
                log::error!(target: "processes", "process not started name={} run={run} \
                    error={error}", process.name);
                self.let_go(id, shared, now);
                if self.options.terminate {
                    self.requests.push(Control::Terminate);
                }
            }
        }
    }

    /// A helper has ended by itself: it is started again, unless that happens too often.
    fn ended(&mut self, id: ProcessId, shared: &mut Shared, now: Instant) {
        let wanted = self.options.respawn && self.stop == Stop::No;
        let Some(process) = slot(&mut self.processes, id) else { return };
        let status = process.exit_status().map_or_else(String::new, |status| status.to_string());
        let name = std::rc::Rc::clone(&process.name);
        let wanted = wanted && process.program.respawn;
        let allowed = wanted && process.respawns.allow(now);
        self.let_go(id, shared, now);
        if allowed {
            log::warn!(target: "processes", "process ended name={name} status=\"{status}\": \
                it is started again");
            self.start(id, shared, now);
        } else if wanted {
            log::error!(target: "processes", "process ended name={name} status=\"{status}\": \
                it ends too often and stays down until a reload");
            if self.options.terminate {
                self.requests.push(Control::Terminate);
            }
        } else {
            log::warn!(target: "processes", "process ended name={name} status=\"{status}\"");
        }
    }

    /// Closes the pipes of a helper and sees to it that it ends: what waits for it is written if
    /// the pipe takes it, then its input ends, and a moment later it is asked to.
    fn let_go(&mut self, id: ProcessId, shared: &mut Shared, now: Instant) {
        let ack = self.first_ack();
        let Some(process) = slot(&mut self.processes, id) else { return };
        if process.listens() {
            // Whether it was written or not, there is nothing more to be done.
            process.flush(shared, now);
        }
        process.ends().for_each(|end| closed(&mut self.pipes, id, end));
        self.relieved |= std::mem::take(&mut process.held);
        process.busy = false;
        if let Some(child) = process.reset(ack, shared) {
            let name = std::rc::Rc::clone(&process.name);
            self.leaving.push(Leaving::new(name, child, now + GRACE));
        }
        self.jobs.retain(|(owner, _)| *owner != id);
    }
}

/// Reports a closed pipe, unless the reactor has not yet heard that it was opened.
pub(super) fn closed(pipes: &mut Vec<Pipe>, id: ProcessId, end: End) {
    match pipes.iter().rposition(|pipe| *pipe == Pipe::Opened(id, end)) {
        Some(unheard) => drop(pipes.remove(unheard)),
        None => pipes.push(Pipe::Closed(id, end)),
    }
}
