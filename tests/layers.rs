//! The architecture, held: a module imports only from strictly lower layers, and the pure layers name no runtime,
//! no drawing, no file system, no clock and no randomness. The table is the one of `src/lib.rs`.

#![allow(clippy::unwrap_used, reason = "test code")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

const LAYERS: [&[&str]; 10] = [
    &["text", "powershell", "rb1"],
    &["facts"],
    &["gate", "health"],
    &["runbook"],
    &["session"],
    &["engine", "report"],
    &["app"],
    &["ui", "io", "lab"],
    &["runner"],
    &["cli"],
];

/// What no pure module may name, as a regular expression over the code.
const IMPURE: &str = r"\b(tokio|std::fs|std::process|std::net|std::env|Instant::now|SystemTime|Utc::now|Local::now|getrandom)\b";

/// What only the drawing may name besides; `app` holds the text editor's state and the key events' types.
const DRAWING: &str = r"\b(ratatui|crossterm|tui_textarea)\b";

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|modules| modules.contains(&module))
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        let name = entry.file_name().into_string().unwrap();
        if path.is_dir() && name != "tests" {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") && name != "tests.rs" {
            found.push(path);
        }
    }
}

/// The code of a file: no comments, no tests.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[test]
fn arrows_point_down_and_pure_layers_stay_pure() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (one, group) = (Regex::new(r"\bcrate::(\w+)").unwrap(), Regex::new(r"\bcrate::\{([^;]*)\};").unwrap());
    let (impure, drawing) = (Regex::new(IMPURE).unwrap(), Regex::new(DRAWING).unwrap());
    let named = Regex::new(r"(?:^|[{,]\s*)(\w+)").unwrap();
    let mut files = Vec::new();
    sources(&src, &mut files);
    let mut wrong = BTreeSet::new();
    for path in files {
        let relative = path.strip_prefix(&src).unwrap().to_owned();
        let module = relative.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned();
        let Some(own) = layer(&module) else { continue };
        let code = code(&path);
        let flat = group.captures_iter(&code).flat_map(|found| {
            named.captures_iter(found.get(1).unwrap().as_str()).map(|name| name[1].to_owned()).collect::<Vec<_>>()
        });
        for other in one.captures_iter(&code).map(|found| found[1].to_owned()).chain(flat) {
            if other != module && layer(&other).is_some_and(|theirs| theirs >= own) {
                wrong.insert(format!("{} imports {other}", relative.display()));
            }
        }
        let pure = own <= 6 || matches!(module.as_str(), "ui" | "lab");
        if let Some(found) = impure.find(&code).filter(|_| pure) {
            wrong.insert(format!("{} names {}", relative.display(), found.as_str()));
        }
        let draws = matches!(module.as_str(), "app" | "ui") || own >= 7 && module != "lab";
        if let Some(found) = drawing.find(&code).filter(|_| !draws) {
            wrong.insert(format!("{} names {}", relative.display(), found.as_str()));
        }
        if module == "app" && code.contains("ratatui::") {
            wrong.insert(format!("{} names ratatui", relative.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.into_iter().collect::<Vec<_>>().join("\n"));
}
