// SPDX-License-Identifier: GPL-2.0

//! Trace events as `trace-cmd record` takes them: the ring buffer's own pages, and each field where the event's format says
//! that it is.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process;

use super::trace::{Tracing, TRACING};
use super::{open, text, PAGE};
use crate::client::{Bench, Object};
use crate::pm4::Commands;
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![a_recording_has_every_field_where_its_format_says];

/// A page of the ring buffer: a time, how many bytes follow, and those.
const PAGE_HEADER: usize = 16;

/// Types of entries of the ring buffer that are no events, and above which the type is no length.
const PADDING: u32 = 29;
const TIME_EXTEND: u32 = 30;
const TIME_STAMP: u32 = 31;

/// Where a field lies in an event, and how long it is.
type Place = (usize, usize);

/// An event's format: its number, and its fields.
struct Format {
    id: u64,
    fields: BTreeMap<String, Place>,
}

impl Format {
    fn of(event: &str) -> Self {
        let format = text(
            Path::new(TRACING)
                .join("events/kgsl")
                .join(event)
                .join("format"),
        );
        let id = format.lines().find_map(|line| line.strip_prefix("ID: "));
        let fields = format
            .lines()
            .filter_map(|line| line.trim().strip_prefix("field:"));
        Self {
            id: id
                .expect("it has a number")
                .parse()
                .expect("it is a number"),
            fields: fields.map(Self::field).collect(),
        }
    }

    /// `u32 id; offset:8; size:4; signed:0;`, without the first word.
    fn field(line: &str) -> (String, Place) {
        let parts: Vec<_> = line.split(';').map(str::trim).collect();
        let name = parts[0].split_whitespace().last().expect("it has a name");
        let number = |part: &str, key: &str| {
            let value = part.strip_prefix(key).expect("it is in the old order");
            value.parse().expect("it is a number")
        };
        let place = (number(parts[1], "offset:"), number(parts[2], "size:"));
        (name.to_owned(), place)
    }

    /// A field of a recorded event.
    fn value(&self, record: &[u8], name: &str) -> u64 {
        let (offset, size) = self.fields[name];
        let mut bytes = [0; 8];
        bytes[..size].copy_from_slice(&record[offset..][..size]);
        u64::from_le_bytes(bytes)
    }
}

fn dword(bytes: &[u8]) -> u32 {
    u32::from_le_bytes(bytes[..4].try_into().expect("there are four"))
}

/// The events of a page.
fn records(page: &[u8]) -> Vec<Vec<u8>> {
    // The upper bits say whether events were lost.
    let length = usize::try_from(dword(&page[8..]) & 0xf_ffff).expect("it is short");
    let mut rest = &page[PAGE_HEADER..][..length];
    let mut records = Vec::new();
    while rest.len() >= 4 {
        let kind = dword(rest) & 31;
        let in_array = |rest: &[u8]| usize::try_from(dword(&rest[4..])).expect("it is short");
        let skip = match kind {
            // What is left of the page.
            PADDING if dword(rest) >> 5 == 0 => break,
            PADDING => in_array(rest) + 4,
            TIME_EXTEND | TIME_STAMP => 8,
            0 => {
                let length = in_array(rest);
                records.push(rest[8..4 + length].to_vec());
                4 + length
            }
            dwords => {
                let length = usize::try_from(dwords * 4).expect("it is short");
                records.push(rest[4..4 + length].to_vec());
                4 + length
            }
        };
        rest = &rest[skip..];
    }
    records
}

/// What every processor has recorded.
fn recorded() -> Vec<Vec<u8>> {
    let processors = fs::read_dir(Path::new(TRACING).join("per_cpu")).expect("it is listed");
    let mut all = Vec::new();
    for processor in processors {
        let path = processor.expect("it is listed").path();
        let mut pipe = OpenOptions::new()
            .read(true)
            .custom_flags(libc::O_NONBLOCK)
            .open(path.join("trace_pipe_raw"))
            .expect("it opens");
        let mut page = [0; 4096];
        // What is there is read to its end: EAGAIN.
        while let Ok(4096) = pipe.read(&mut page) {
            all.extend(records(&page));
        }
    }
    all
}

/// The event that has that value in its field.
fn find<'a>(all: &'a [Vec<u8>], format: &Format, name: &str, value: u64) -> &'a [u8] {
    let found = all.iter().find(|record| {
        format.value(record, "common_type") == format.id && format.value(record, name) == value
    });
    found.unwrap_or_else(|| panic!("{name} {value} is not among {} events", all.len()))
}

fn a_recording_has_every_field_where_its_format_says() {
    let device = open();
    let tracing = Tracing::start();
    let object = Object::gpumem(&device, 3 * PAGE, 0).expect("memory is allocated");
    let bench = Bench::new(&device);
    let context = u64::from(bench.context.id);
    let timestamp = bench.run(Commands::default().nop(&[]));
    drop(tracing);
    let all = recorded();
    let alloc = Format::of("kgsl_mem_alloc");
    let record = find(&all, &alloc, "id", u64::from(object.id));
    let said = ["gpuaddr", "size", "tgid", "flags"].map(|name| alloc.value(record, name));
    let process = u64::from(process::id());
    assert_eq!(said, [object.gpu_address, object.size, process, 0]);
    for event in [
        "adreno_cmdbatch_queued",
        "adreno_cmdbatch_submitted",
        "adreno_cmdbatch_retired",
    ] {
        let format = Format::of(event);
        let record = find(&all, &format, "id", context);
        let said = format.value(record, "timestamp");
        assert_eq!(said, u64::from(timestamp), "{event}");
    }
}
