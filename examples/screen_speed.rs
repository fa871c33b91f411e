//! How long keys and frames take: `cargo run --release --example screen_speed` prints microseconds for runbooks of several
//! sizes. `frame` is a frame of which nothing changed, `key` a key that moves the selection and its frame, `tick` an act
//! and its frame, `reading` what the engine does with a server's answer, and its frame.

#[path = "../tests/screens_support/mod.rs"]
mod bench;

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Instant;

use bench::Bench;
use chrono::TimeDelta;

const SIZE: (u16, u16) = (120, 40);
const ROUNDS: usize = 60;

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{:<24} {:>17} {:>17} {:>17} {:>17}", "p50/p99 µs", "frame", "key", "tick", "reading")?;
    let long = (0..3_000).fold(String::new(), |mut text, n| {
        let _ =
            writeln!(text, "- [ ] Item {n}: look at **the connector** of `contoso.com` and note what the export says about it");
        text
    });
    let prose = (0..3_000).fold(String::new(), |mut text, n| {
        let _ =
            writeln!(text, "Paragraph {n}: what the engineer should know of this tenant before he does anything at all here.\n");
        text
    });
    let many = (0..100).fold(String::new(), |mut text, phase| {
        let _ = writeln!(text, "## Phase {phase} {{#p{phase}}}\n");
        for step in 0..50 {
            let _ =
                writeln!(text, "### Step {step} of phase {phase} {{#s{phase}-{step}}}\n\n- [ ] One\n- [ ] Two\n- [ ] Three\n");
        }
        text
    });
    measure(&mut out, "4 items", &one_step("- [ ] One\n- [ ] Two\n- [ ] Three\n- [ ] Four\n"))?;
    measure(&mut out, "a step of 3,000 items", &one_step(&long))?;
    measure(&mut out, "3,000 paragraphs", &one_step(&format!("- [ ] One\n- [ ] Two\n\n{prose}")))?;
    measure(&mut out, "5,000 steps", &format!("{FRONT}{many}"))
}

const FRONT: &str = "---\nlockstep: 1\ntitle: Speed\nid: speed\nversion: 1.0.0\nroles:\n  old: { title: Active, starts: active }\n  new: { title: Standby, starts: staging }\n---\n\n# Speed\n\n";

fn one_step(body: &str) -> String {
    format!("{FRONT}## Only {{#only}}\n\n### The step {{#step}}\n\n{body}")
}

fn measure(out: &mut impl std::io::Write, what: &str, runbook: &str) -> std::io::Result<()> {
    let mut bench = Bench::open_with(SIZE, runbook);
    bench.frame();
    let frame = times(&mut bench, |_, _| {});
    let key = times(&mut bench, |bench, n| bench.keys(if n % 2 == 0 { "j" } else { "k" }));
    let tick = times(&mut bench, |bench, _| bench.keys(" "));
    let reading = times(&mut bench, |bench, _| bench.pass(TimeDelta::seconds(5)));
    writeln!(out, "{what:<24} {frame:>17} {key:>17} {tick:>17} {reading:>17}")
}

fn times(bench: &mut Bench, mut act: impl FnMut(&mut Bench, usize)) -> String {
    let mut times: Vec<u128> = (0..ROUNDS)
        .map(|n| {
            let start = Instant::now();
            act(bench, n);
            bench.buffer();
            start.elapsed().as_micros()
        })
        .collect();
    times.sort_unstable();
    format!("{}/{}", times[ROUNDS / 2], times[ROUNDS * 99 / 100])
}
