//! Baseline files: what `lockstep status --json` of an untouched installation wrote.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::facts::Baselines;
use crate::powershell::Value;

/// The largest file that is read, in bytes: 16 MiB.
const LIMIT: u64 = 16 << 20;
/// What makes a file that can be read.
const REMEDY: &str = "write it with: lockstep status --server x=TARGET --json > baseline.json";

/// What the files hold together; or the words for each that cannot be used.
pub(super) fn read(files: &[PathBuf]) -> Result<Baselines, Vec<String>> {
    let mut baselines = Baselines::default();
    let add = |path: &PathBuf| {
        let added = tree(path).and_then(|tree| baselines.add(&tree));
        added.err().map(|found| {
            let path = path.display();
            format!("the baseline {path}: {found}; expected a server with its Version and standard rules; {REMEDY}")
        })
    };
    let problems: Vec<String> = files.iter().filter_map(add).collect();
    if problems.is_empty() { Ok(baselines) } else { Err(problems) }
}

fn tree(path: &Path) -> Result<Value, String> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LIMIT + 1).read_to_end(&mut bytes));
    read.map_err(|error| format!("it cannot be read: {error}"))?;
    if bytes.len() as u64 > LIMIT {
        return Err(format!("it is larger than {} MiB", LIMIT >> 20));
    }
    // Windows PowerShell's own `>` writes UTF-16.
    let text = if bytes.starts_with(&[0xff, 0xfe]) {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        String::from_utf16(&units).map_err(|_| "it is not UTF-16, as it begins".to_owned())?
    } else {
        String::from_utf8(bytes).map_err(|error| format!("it is not UTF-8 at byte {}", error.utf8_error().valid_up_to()))?
    };
    let json = serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| format!("it is not JSON: {error}"))?;
    Value::from_json(&json)
}
