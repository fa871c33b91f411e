//! A small tenant with two servers, and time that passes in it.

use chrono::{TimeDelta, TimeZone, Utc};
use lockstep::Time;
use lockstep::lab::world::server::{Product, Server};
use lockstep::lab::{Lab, Scenario};

fn start() -> Time {
    Utc.with_ymd_and_hms(2026, 11, 21, 22, 0, 0).single().expect("a moment")
}

/// The world, once nothing runs on its first server; the words go to that server, or into the document.
pub fn world(of_old: &str, of_all: &str) -> Lab {
    let text = format!(
        "title: Small\ndescription: Small\nhistory: 04:00:00\n{of_all}\nforests: {{ contoso.com: {{ Staff: 200, Sales: 40 }} }}\nservers: {{ old: {{ host: EC01, starts: active{of_old} }}, new: {{ host: EC02, starts: staging }} }}"
    );
    let mut lab = Lab::new(&Scenario::parse("small", &text).expect("readable"), 1, start());
    until(&mut lab, |lab| !busy(lab));
    lab
}

/// Its first server.
pub fn server(lab: &Lab) -> &Server {
    &lab.world().servers[0]
}

/// The product on it.
pub fn old(lab: &Lab) -> &Product {
    server(lab).product.as_ref().expect("installed")
}

fn busy(lab: &Lab) -> bool {
    let product = old(lab);
    product.cycle.is_some() || product.active.is_some() || product.requested.is_some()
}

pub fn pass(lab: &mut Lab, seconds: i64) {
    let to = lab.now() + TimeDelta::seconds(seconds);
    lab.advance(to);
}

/// Lets time pass second by second until it is so.
pub fn until(lab: &mut Lab, what: impl Fn(&Lab) -> bool) {
    for _ in 0..20_000 {
        if what(lab) {
            return;
        }
        pass(lab, 1);
    }
    panic!("it did not come to that in hours");
}
