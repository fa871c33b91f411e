//! Whole frames, as the operator sees them.

mod screens_support;

use chrono::TimeDelta;
use screens_support::Bench;

#[test]
fn first() {
    let mut bench = Bench::open((80, 24));
    bench.go_to_the_swap();
    bench.pass(TimeDelta::minutes(41));
    bench.keys(" j j jjrr");
    bench
        .outputs
        .push(&bench.engine.session().runs[0].approved.run.clone(), b"\nStagingModeEnabled : False\n\x1b[31mred\x1b[0m\n\n");
    println!("{}", bench.frame());
    println!("{:?} {:?}", bench.app.extent, bench.app.body);
    println!("{}", bench.frame());
    println!("{:?} {:?}", bench.app.extent, bench.app.body);
}
