//! How long it takes to read and check a long runbook: 1,000 and 10,000 steps, and whether that grows in a straight line.
//! Run with `cargo run --release --example parse_speed`.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use lockstep::runbook::load;

/// A runbook of so many steps, each with two items, a command and a gate.
fn runbook(steps: usize) -> String {
    let mut text = String::from(
        "---\nlockstep: 1\ntitle: Long\nroles:\n  old: { starts: active }\n  new: { starts: staging }\ninputs:\n  share: { label: Share }\n---\n",
    );
    for step in 0..steps {
        if step % 20 == 0 {
            let _ = writeln!(text, "## Phase {step} {{#phase-{step} on=old}}\n");
        }
        let _ = writeln!(
            text,
            "### Step {step} {{#step-{step}}}\n\n- [ ] The share {{{{ inputs.share }}}} was looked at\n- [ ] **Twice**, see [it](#step-{step})\n\n\
            ```powershell {{#command-{step}}}\nGet-ADSyncScheduler | Select-Object StagingModeEnabled\n```\n\n\
            ```powershell {{gate within=10m}}\n$new.Version -ge [version]'2.5.79.0'\n\
            $old.Idle -and $new.LastExport.StartDate -gt $step.StartedAt\n```\n"
        );
    }
    text
}

/// The best of three.
fn time(text: &str) -> Duration {
    let once = || {
        let begin = Instant::now();
        let loaded = load("long.md", text.as_bytes());
        let took = begin.elapsed();
        assert!(loaded.diagnostics.is_empty(), "{:#?}", &loaded.diagnostics[..loaded.diagnostics.len().min(3)]);
        took
    };
    (0..3).map(|_| once()).min().unwrap_or_default()
}

#[allow(clippy::print_stdout, reason = "the figures are the point")]
fn main() {
    let mut last: Option<Duration> = None;
    for steps in [1_000, 10_000] {
        let text = runbook(steps);
        let took = time(&text);
        let growth =
            last.map(|last| format!(", {:.1} times as long", took.as_secs_f64() / last.as_secs_f64())).unwrap_or_default();
        println!("{steps:>6} steps, {:>5} KiB: {:>7.1} ms{growth}", text.len() / 1024, took.as_secs_f64() * 1e3);
        last = Some(took);
    }
}
