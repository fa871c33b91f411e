//! What a run sends: first to its transcript, then to the tail that the view reads. At the end: head and tail for the
//! report, sanitised, and the captured objects.

use serde_json::{Map, Value as Json};

use super::tail::{Progress, SharedTail};
use crate::io::transcript::TranscriptFile;
use crate::powershell::Value;
use crate::rb1::{ErrorRecord, Out, Stream};
use crate::session::event::{Output, Transcript};
use crate::text::Safe;

/// Lines of the beginning, and of the end, that go into the journal.
const REPORTED: usize = 20;

/// Objects of `into` that are kept, and how large they may be together, as JSON in bytes. An agent keeps to the number by itself.
const RECORDS: usize = 1000;
const RECORD_BYTES: usize = 8 * 1024 * 1024;

/// How much of the beginning is looked at for these, in bytes.
const HEAD_BYTES: usize = 32 * 1024;

/// The output of one run while it comes in.
pub(super) struct RunOutput {
    transcript: Option<TranscriptFile>,
    tail: SharedTail,
    head: String,
    head_lines: usize,
    last: Option<Stream>,
    at_line_start: bool,
    /// Error records seen.
    pub(super) errors: u64,
    /// Why the transcript is not complete.
    pub(super) trouble: Option<String>,
    /// Objects of `into`.
    pub(super) records: Vec<Value>,
    record_bytes: usize,
    /// Objects that were too many, or too large.
    pub(super) unkept: u64,
}

impl RunOutput {
    pub(super) fn new(transcript: TranscriptFile, tail: SharedTail) -> Self {
        Self {
            transcript: Some(transcript),
            tail,
            head: String::new(),
            head_lines: 0,
            last: None,
            at_line_start: true,
            errors: 0,
            trouble: None,
            records: Vec::new(),
            record_bytes: 0,
            unkept: 0,
        }
    }

    /// Takes an `out` frame. Whether the view has to be told.
    pub(super) fn take(&mut self, out: Out) -> bool {
        let text = match out.s {
            Stream::Progress => {
                let progress = (out.done != Some(true)).then(|| Progress {
                    activity: Safe::line(out.a.as_deref().unwrap_or_default()),
                    status: Safe::line(&out.d),
                    percent: out.pct.and_then(|percent| u8::try_from(percent).ok()).filter(|percent| *percent <= 100),
                });
                let mut tail = self.tail.lock();
                tail.set_progress(progress);
                return tail.tell();
            }
            Stream::Stdout | Stream::NativeErr => out.d,
            Stream::Error => {
                self.errors += 1;
                out.err.as_ref().map_or_else(|| with_end(out.d), error_text)
            }
            Stream::Warning => with_end(format!("WARNING: {}", out.d)),
            Stream::Verbose => with_end(format!("VERBOSE: {}", out.d)),
            Stream::Debug => with_end(format!("DEBUG: {}", out.d)),
            Stream::Info => with_end(out.d),
        };
        self.append(out.s, text)
    }

    /// Appends text of a stream: transcript first.
    pub(super) fn append(&mut self, stream: Stream, text: String) -> bool {
        if text.is_empty() {
            return false;
        }
        if self.last.is_some_and(|last| last != stream) && !self.at_line_start {
            self.write("\n");
        }
        self.last = Some(stream);
        self.at_line_start = text.ends_with('\n');
        self.write(&text);
        let mut tail = self.tail.lock();
        tail.push(stream, text);
        tail.tell()
    }

    fn write(&mut self, text: &str) {
        if self.head_lines < REPORTED && self.head.len() < HEAD_BYTES {
            for line in text.split_inclusive('\n').take(REPORTED - self.head_lines) {
                self.head.push_str(line);
                self.head_lines += usize::from(line.ends_with('\n'));
            }
        }
        if let Some(transcript) = &mut self.transcript
            && let Err(error) = transcript.write(text.as_bytes())
        {
            self.trouble = Some(format!("the transcript cannot be written: {error}"));
            self.transcript = None;
        }
    }

    /// A captured object.
    pub(super) fn record(&mut self, flat: Map<String, Json>) {
        let bytes = serde_json::to_vec(&flat).map_or(RECORD_BYTES, |json| json.len());
        if self.records.len() >= RECORDS || self.record_bytes + bytes > RECORD_BYTES {
            self.unkept += 1;
            return;
        }
        self.record_bytes += bytes;
        self.records.push(Value::from_json(&Json::Object(flat)).unwrap_or_else(Value::Unknown));
    }

    /// Completes the transcript on disk; head and tail.
    pub(super) fn finish(mut self) -> Finished {
        let (mut lines, transcript) = match self.transcript.take() {
            Some(file) => {
                let lines = file.lines();
                match file.finish() {
                    Ok(transcript) => (lines, transcript),
                    Err(error) => {
                        self.trouble = Some(format!("the transcript cannot be completed: {error}"));
                        (lines, Transcript::default())
                    }
                }
            }
            None => (self.tail.lock().total_lines(), Transcript::default()),
        };
        lines += u64::from(!self.at_line_start);
        let mut tail = self.tail.lock();
        tail.set_progress(None);
        let told = tail.tell();
        let strings = |lines: Vec<super::tail::TailLine>| lines.into_iter().map(|line| line.text.into_string()).collect();
        let both = 2 * REPORTED;
        let output = if lines <= both as u64 {
            Output { head: strings(tail.last(both)), tail: Vec::new(), omitted: 0 }
        } else {
            let head = self.head.lines().take(REPORTED).map(|line| Safe::line(line).into_string()).collect();
            Output { head, tail: strings(tail.last(REPORTED)), omitted: lines - both as u64 }
        };
        // Looking at it here was not the view's look.
        if !told {
            tail.tell();
        }
        drop(tail);
        Finished { transcript, output, errors: self.errors, trouble: self.trouble, records: self.records }
    }
}

/// What is left of a run's output.
pub(super) struct Finished {
    pub(super) transcript: Transcript,
    pub(super) output: Output,
    pub(super) errors: u64,
    pub(super) trouble: Option<String>,
    pub(super) records: Vec<Value>,
}

fn with_end(mut text: String) -> String {
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// An error record about as PowerShell's own host prints it.
pub(super) fn error_text(error: &ErrorRecord) -> String {
    let mut text = with_end(error.message.clone());
    if !error.position.is_empty() {
        text.push_str(&with_end(error.position.clone()));
    }
    if !error.category.is_empty() {
        let ErrorRecord { category, target, exception, .. } = error;
        text = format!("{text}    + CategoryInfo          : {category}: ({target}) [], {exception}\n");
    }
    if !error.fqid.is_empty() {
        text = format!("{text}    + FullyQualifiedErrorId : {}\n", error.fqid);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn out(s: Stream, d: &str) -> Out {
        Out { id: "r".into(), s, d: d.into(), err: None, a: None, pct: None, done: None }
    }

    fn run(frames: Vec<Out>) -> (Finished, String) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("r.log");
        let mut output = RunOutput::new(TranscriptFile::create(&path, 0).unwrap(), SharedTail::default());
        for frame in frames {
            output.take(frame);
        }
        (output.finish(), std::fs::read_to_string(path).unwrap())
    }

    #[test]
    fn the_transcript_is_raw_and_the_report_is_safe() {
        let error = ErrorRecord { message: "Connector: x is busy.".into(), fqid: "Busy".into(), ..ErrorRecord::default() };
        let (finished, text) = run(vec![
            out(Stream::Stdout, "a\x1b[31mb"),
            out(Stream::Warning, "careful"),
            Out { err: Some(error), ..out(Stream::Error, "") },
            out(Stream::NativeErr, "native\n"),
            Out { a: Some("Importing".into()), pct: Some(33), ..out(Stream::Progress, "1 of 3") },
        ]);
        assert_eq!(text, "a\x1b[31mb\nWARNING: careful\nConnector: x is busy.\n    + FullyQualifiedErrorId : Busy\nnative\n");
        assert_eq!(finished.output.head[..2], ["ab", "WARNING: careful"]);
        assert_eq!((finished.errors, finished.transcript.lines, finished.output.omitted), (1, 5, 0));
    }

    #[test]
    fn objects_past_the_limits_are_counted_and_not_kept() {
        let dir = tempfile::tempdir().unwrap();
        let mut output = RunOutput::new(TranscriptFile::create(&dir.path().join("r.log"), 0).unwrap(), SharedTail::default());
        let object = |text: &str| Map::from_iter([("Value".to_owned(), Json::from(text))]);
        (0..1500).for_each(|_| output.record(object("x")));
        assert_eq!((output.records.len(), output.unkept), (1000, 500));
        let mut output = RunOutput::new(TranscriptFile::create(&dir.path().join("s.log"), 0).unwrap(), SharedTail::default());
        let large = "x".repeat(1_000_000);
        (0..20).for_each(|_| output.record(object(&large)));
        assert_eq!((output.records.len(), output.unkept), (8, 12));
    }

    #[test]
    fn long_output_is_reported_by_both_ends() {
        let frames = (0..100).map(|n| out(Stream::Stdout, &format!("line {n}\n"))).collect();
        let (finished, _) = run(frames);
        let output = finished.output;
        assert_eq!((output.head[0].as_str(), output.tail[19].as_str(), output.omitted), ("line 0", "line 99", 60));
        assert_eq!((output.head.len(), output.tail.len()), (20, 20));
    }
}
