//! Whole frames, as the operator sees them.

mod screens_support;

use chrono::TimeDelta;
use screens_support::Bench;

#[test]
fn first() {
    let mut bench = Bench::open((80, 24));
    bench.to_the_swap();
    bench.pass(TimeDelta::minutes(41));
    for keys in ["", " j j jjr", "c<Esc>", "nchange window<Enter>is open", "<C-s>", "a/tmp/x.png<Tab>", "<Esc>?", "<PgDn>", "<Esc>:swap", "<Esc>:aside", "<Enter>", "<Esc>i", "<Esc>Q", "<Esc>!", "L", "<Esc>z", "z<Tab>", "/serv", "<Enter>", "<Enter>", "<Esc>", "<Enter>"] {
        bench.keys(keys);
        println!("=== {keys}\n{}", bench.frame());
    }
}
