// SPDX-License-Identifier: GPL-2.0

//! Groups that udev would not find.

use super::Fixture;
use crate::install::groups::missing;
use crate::manifest::Manifest;

#[test]
fn a_group_that_the_target_lacks_is_told() {
    let manifest = Manifest::load().unwrap();
    let group = manifest.module.udev[0].group.clone();
    let fixture = Fixture::new();
    let root = fixture.root();
    assert_eq!(missing(&root, &manifest), [""; 0], "nothing is known");
    fixture.write("etc/group", format!("root:x:0:\n{group}ers:x:1:\n"));
    assert_eq!(missing(&root, &manifest), [group.as_str()]);
    fixture.write(
        "usr/lib/sysusers.d/basic.conf",
        format!("# a\ng {group} -\n"),
    );
    assert_eq!(missing(&root, &manifest), [""; 0]);
    fixture.write("usr/lib/sysusers.d/basic.conf", "");
    fixture.write("etc/group", format!("{group}:x:104:\n"));
    assert_eq!(missing(&root, &manifest), [""; 0]);
}
