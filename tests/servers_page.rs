//! The page about servers names every state that a connection can be in.

use lockstep::facts::{Limit, Loss, Obstacle};

#[test]
fn every_state_is_on_the_page() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/servers.md")).expect("the page");
    let names = Obstacle::ALL.iter().map(|one| one.name()).chain(Loss::ALL.iter().map(|one| one.name()));
    for name in names.chain(Limit::ALL.iter().map(|one| one.words())) {
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
}
