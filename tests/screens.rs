//! Whole frames, as the operator sees them.

mod screens_support;

use chrono::TimeDelta;
use screens_support::Bench;

#[test]
fn first() {
    let mut bench = Bench::open((120, 36));
    bench.to_the_swap();
    bench.pass(TimeDelta::minutes(41));
    bench.keys(" j j jajjrr");
    bench.keys("<Esc>jrr");
    bench
        .outputs
        .push(&bench.engine.session().runs[0].approved.run.clone(), b"\nStagingModeEnabled : False\n\x1b[31mred\x1b[0m\n\n");
    println!("{:?}", bench.wanted);
    println!("{}", bench.frame());
    bench.keys("o");
    println!("{}", bench.frame());
    bench.keys("<Esc>q");
    println!("{}", bench.frame());
    bench.keys("<Esc>czf");
    bench.servers.get_mut("new").unwrap().silent = true;
    bench.servers.get_mut("old").unwrap().in_progress = true;
    bench.pass(TimeDelta::seconds(135));
    println!("{}", bench.frame());
    bench.keys("fz");
    println!("{}", bench.frame());
    bench.app.size = (80, 24);
    bench.theme = lockstep::ui::Theme::new(false, true);
    println!("{}", bench.frame());
    bench.app.size = (40, 10);
    println!("{}", bench.frame());
}
