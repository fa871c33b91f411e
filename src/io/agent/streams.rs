//! The two streams that must never wait for the task that serves an agent: its input, which a busy agent may not read for a
//! while, and its standard error, which has to be drained whatever happens.

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use super::refusal::cleaned;

/// The longest line of standard error that is kept, in bytes.
const LINE: usize = 64 * 1024;

/// Writes what is queued; the queue's end is the input's end.
pub(super) async fn write_input(mut queue: UnboundedReceiver<Vec<u8>>, mut input: Box<dyn AsyncWrite + Send + Unpin>) {
    while let Some(bytes) = queue.recv().await {
        // A broken pipe is seen, and told, by whoever reads the other side.
        if input.write_all(&bytes).await.is_err() || input.flush().await.is_err() {
            return;
        }
    }
    let _ = input.shutdown().await;
}

/// Reads standard error to its end and passes its lines on, cleaned of CLIXML.
pub(super) async fn read_errors(mut errors: Box<dyn AsyncRead + Send + Unpin>, lines: UnboundedSender<String>) {
    let mut buffer = vec![0; 16 * 1024];
    let mut line = Vec::new();
    while let Ok(count @ 1..) = errors.read(&mut buffer).await {
        for piece in buffer[..count].split_inclusive(|byte| *byte == b'\n') {
            line.extend_from_slice(&piece[..piece.len().min(LINE - line.len().min(LINE))]);
            if piece.ends_with(b"\n") {
                pass_on(&line, &lines);
                line.clear();
            }
        }
    }
    pass_on(&line, &lines);
}

fn pass_on(line: &[u8], lines: &UnboundedSender<String>) {
    let text = cleaned(String::from_utf8_lossy(line).trim_end_matches(['\r', '\n']));
    if !text.trim().is_empty() {
        // Nobody listens any more where the agent is being given up.
        let _ = lines.send(text);
    }
}
