//! The runbooks that come with lockstep are clean.

use lockstep::cli::check::read;

#[test]
fn the_runbooks_that_come_with_lockstep_have_no_finding() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("runbooks");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).expect("the folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "md") {
            let loaded = read(&path).expect("it can be read");
            let found: Vec<_> = loaded
                .diagnostics
                .iter()
                .map(|d| format!("{}: {} ({})", d.rule, d.message, &loaded.text[d.span.clone()]))
                .collect();
            assert!(found.is_empty(), "{}: {found:#?}", path.display());
            seen += 1;
        }
    }
    assert!(seen > 0);
}
