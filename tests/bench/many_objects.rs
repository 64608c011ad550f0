// SPDX-License-Identifier: GPL-2.0

//! What a submission costs with few objects and with many.

use std::io;

use super::record::Title;
use super::run::Session;
use super::server::Server;

/// 100 and 10,000 live objects beside as few as can be.
pub(super) fn compare(session: &mut Session) -> io::Result<()> {
    let mut few = Server::start(2)?;
    for (objects, job) in [
        (100, "submit + wait with 100 live objects"),
        (10_000, "submit + wait with 10,000 live objects"),
    ] {
        let mut many = Server::start(objects)?;
        let title = Title {
            job,
            size: 0,
            peer: "with 2 live objects",
            target: Some(1.1),
        };
        let mut ours = |count| many.submit(count);
        session.compare(&title, &mut ours, &mut |count| few.submit(count))?;
    }
    Ok(())
}
