//! Every budget, size and interval of the reactor.
//!
//! Each number carries its unit in its name and the reason for its size; what must hold between
//! them is asserted at compile time, at the end.

use std::time::Duration;

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

// ---- messages ----

/// The longest message without extended messages, in bytes (RFC 4271 section 4).
pub const MESSAGE_STANDARD_MAX: usize = 4096;

/// The longest message with extended messages, in bytes (RFC 8654 section 2).
pub const MESSAGE_MAX: usize = 65_535;

// ---- from a peer ----

/// A read offers at least this much space, so that one system call brings dozens of messages.
pub const READ_BYTES_MIN: usize = 64 * KIB;

/// Size of the blocks that inboxes borrow: a partial message of any length, and a full read.
pub const INBOX_BLOCK_BYTES: usize = 128 * KIB;

/// An inbox that waits with less than this copies it aside and gives its block back.
pub const INBOX_ASIDE_BYTES: usize = 4 * KIB;

/// Blocks kept for the next reader; the reads of one iteration rarely hold more at once.
pub const INBOX_BLOCKS_SPARE: usize = 16;

/// Reads of one connection in one turn. A busy peer gives way after this many.
pub const READS_PER_TURN: u32 = 3;

// ---- toward a peer ----

/// Below this level a peer draws routes from its RIB.
pub const OUTBOX_LOW: usize = 32 * KIB;

/// At this level a peer stops drawing routes.
pub const OUTBOX_HIGH: usize = 128 * KIB;

/// Capacity that an outbox keeps while its peer is quiet: a few KEEPALIVEs.
pub const OUTBOX_KEEP_BYTES: usize = 256;

/// Writes of one connection in one turn.
pub const WRITES_PER_TURN: u32 = 4;

/// UPDATEs made for one peer in one turn.
pub const UPDATES_PER_TURN: u32 = 25;

/// UPDATEs made for one peer in one turn when it has a rate limit.
pub const UPDATES_PER_TURN_LIMITED: u32 = 1;

// ---- sockets ----

/// Wait before trying again where no readiness event will come (no kernel memory).
pub const RETRY: Duration = Duration::from_millis(100);

/// Time given to a final NOTIFICATION to reach the peer.
pub const LINGER: Duration = Duration::from_secs(2);

/// Connections accepted from one listener in one turn.
pub const ACCEPTS_PER_TURN: u32 = 16;

/// Time for which a listener is left alone after the process ran out of descriptors.
pub const ACCEPT_PAUSE: Duration = Duration::from_secs(1);

/// Connections that the kernel completes for us while we are busy.
pub const LISTEN_BACKLOG: i32 = 200;

/// Readiness events fetched in one wait; more stay with the kernel until the next.
pub const EVENTS_PER_WAIT: usize = 1024;

/// Longest pause between two connection attempts.
pub const CONNECT_BACKOFF_MAX: Duration = Duration::from_secs(60);

// ---- helper processes ----

/// Below this level a process that was over its high mark is given events again.
pub const PROCESS_LOW: usize = 256 * KIB;

/// At this level peers whose events a process must hear are no longer read.
pub const PROCESS_HIGH: usize = MIB;

/// Size asked for a pipe to a process, so that one write moves much.
pub const PIPE_BYTES: usize = MIB;

/// A process that stays over its high mark for this long is reported.
pub const PROCESS_STUCK: Duration = Duration::from_secs(30);

/// Lines that wait for a process beyond which that is reported.
pub const PROCESS_WARN_ITEMS: usize = 1000;
/// How often it is, of one process.
pub const PROCESS_WARN_EVERY: Duration = Duration::from_secs(60);
/// Commands taken from one process in one turn.
pub const COMMANDS_PER_TURN: u32 = 256;

/// Longest command line, in bytes; what is longer is an error and is skipped to its end.
pub const LINE_MAX: usize = MIB;

/// Commands of one group; one that is larger is given up.
pub const GROUP_COMMANDS_MAX: usize = 100_000;
/// What the commands of one group, and their routes, may take.
pub const GROUP_BYTES_MAX: usize = 100 * MIB;
/// Steps of long answers taken in one iteration.
pub const JOB_STEPS_PER_TURN: u32 = 50;

/// Starts of one process within `RESPAWN_WINDOW`; then it stays down.
pub const RESPAWN_MAX: u32 = 5;

/// Window in which the starts of a process are counted.
pub const RESPAWN_WINDOW: Duration = Duration::from_secs(64);

/// Time between asking a process to end and killing it.
pub const PROCESS_END: Duration = Duration::from_secs(2);

/// Time for which answers wait in named pipes that nobody reads: more than a person or a script
/// needs to open them after a command.
pub const CONTROL_KEEP: Duration = Duration::from_secs(10);

// ---- what must hold between them ----

const _: () = {
    assert!(MESSAGE_MAX >= MESSAGE_STANDARD_MAX);
    // A partial message of the longest kind leaves room for a whole read.
    assert!(INBOX_BLOCK_BYTES >= MESSAGE_MAX + READ_BYTES_MIN);
    assert!(INBOX_ASIDE_BYTES < INBOX_BLOCK_BYTES);
    // A peer that draws one more message below the low mark stays below the high mark.
    assert!(OUTBOX_HIGH >= OUTBOX_LOW + MESSAGE_MAX);
    assert!(OUTBOX_KEEP_BYTES <= OUTBOX_LOW);
    assert!(PROCESS_HIGH > PROCESS_LOW);
    assert!(PIPE_BYTES <= PROCESS_HIGH);
    assert!(LINE_MAX > INBOX_BLOCK_BYTES);
    assert!(CONTROL_KEEP.as_millis() > RETRY.as_millis());
    assert!(READS_PER_TURN > 0 && WRITES_PER_TURN > 0 && ACCEPTS_PER_TURN > 0);
    assert!(UPDATES_PER_TURN_LIMITED <= UPDATES_PER_TURN);
    assert!(COMMANDS_PER_TURN > 0 && JOB_STEPS_PER_TURN > 0);
    assert!(LINGER.as_millis() > RETRY.as_millis());
    assert!(PROCESS_END.as_secs() < RESPAWN_WINDOW.as_secs());
};
