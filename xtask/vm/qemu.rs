// SPDX-License-Identifier: GPL-2.0

//! QEMU's command line.

use std::path::Path;
use std::process::Command;

use super::accelerator::Accelerator;
use super::directory::Directory;
use super::run::{Job, Run};
use crate::arch::Arch;

/// Words of every kernel's command line: a panic or an oops ends the machine at once, and messages that programs write
/// to the log are not rationed.
const PARAMETERS: [&str; 4] = ["panic=-1", "oops=panic", "printk.devkmsg=on", "loglevel=7"];

/// The command that starts the machine.
pub(super) fn command(run: &Run, directory: &Directory) -> Command {
    // setpriv ends the machine when we die without a chance to end it ourselves.
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--", run.arch.qemu()]);
    command.args(["-machine", machine(run.arch)]);
    command.args(hardware(run));
    if run.device_tree.is_some() {
        command.arg("-dtb").arg(directory.device_tree());
    }
    command.arg("-kernel").arg(&run.image);
    match &run.disk {
        Some(disk) => command.args(root_disk(disk)),
        None => command.arg("-initrd").arg(directory.initramfs()),
    };
    command.args(["-append", &kernel_command_line(run)]);
    command
        .args(console(&directory.console()))
        .args(status_port(&directory.status()));
    command.args(terminal(run.job)).args(&run.devices);
    command
}

/// The command that writes the machine's own device tree to a file, and ends.
pub(super) fn dump_device_tree(run: &Run, file: &Path) -> Command {
    let mut command = Command::new(run.arch.qemu());
    let machine = format!("{},dumpdtb={}", machine(run.arch), escape(file));
    command.args(["-machine", &machine]).args(hardware(run));
    command
}

/// Both machines have virtio devices on the memory-mapped bus, whose names end in `-device`.
fn machine(arch: Arch) -> &'static str {
    match arch {
        Arch::Arm64 => "virt",
        // Our kernels have no ACPI. This machine needs none and starts faster than a PC.
        Arch::X86_64 => "microvm,acpi=off,rtc=on,isa-serial=on",
    }
}

/// Processors, memory, and no default devices; a machine that restarts ends instead.
fn hardware(run: &Run) -> Vec<String> {
    let fixed = ["-nodefaults", "-no-reboot", "-display", "none"];
    let processors = ["-smp", &run.processors.to_string()].map(str::to_owned);
    let words = processor(run).into_iter().chain(fixed);
    let words = words.map(str::to_owned).chain(processors);
    words.chain(memory(run)).collect()
}

/// QEMU asks for huge pages for the memory that it makes of its own accord, and a machine that lives for two seconds touches
/// a bit of many: the host would spend a tenth of that time on zeroing them. A memfd has small ones.
fn memory(run: &Run) -> Vec<String> {
    let size = run.memory;
    let mut words = vec!["-m".to_owned(), size.to_string()];
    if !run.huge_pages {
        let object = format!("memory-backend-memfd,id=memory,size={size}M");
        let backend = ["-object", &object, "-machine", "memory-backend=memory"];
        words.extend(backend.map(str::to_owned));
    }
    words
}

fn processor(run: &Run) -> [&'static str; 4] {
    match (run.accelerator, run.arch) {
        (Accelerator::Kvm, _) => ["-accel", "kvm", "-cpu", "host"],
        // A real core rather than `max`: pointer authentication and SVE are slow to emulate.
        (Accelerator::Tcg, Arch::Arm64) => ["-accel", "tcg,thread=multi", "-cpu", "cortex-a72"],
        // With five levels of page tables an interrupt during identify_cpu(), which clears the features of the boot
        // processor for a moment, finds the shadow of KASAN at the wrong place: 7.2 then reports a wild access of its own.
        (Accelerator::Tcg, Arch::X86_64) => ["-accel", "tcg,thread=multi", "-cpu", "max,la57=off"],
    }
}

fn kernel_command_line(run: &Run) -> String {
    let of_machine: &[&str] = match run.arch {
        Arch::Arm64 => &["console=ttyAMA0"],
        // reboot=t: a triple fault, which needs no device. tsc=reliable: there is no other clock to compare with.
        // The check of the timer counts its interrupts in a busy loop, and panics when a busy host is late with them.
        Arch::X86_64 => &[
            "console=ttyS0",
            "reboot=t",
            "tsc=reliable",
            "no_timer_check",
        ],
    };
    let words = of_machine.iter().chain(&PARAMETERS).copied();
    let of_disk = run
        .disk
        .as_ref()
        .map(|_| format!("root=/dev/vda rw init={}", run.init.display()));
    let words: Vec<_> = words
        .chain(of_disk.as_deref())
        .chain(run.parameters.iter().map(String::as_str))
        .collect();
    words.join(" ")
}

/// The disk that the machine finds as /dev/vda. What it has written must outlive the machine, not the host.
fn root_disk(image: &Path) -> [String; 4] {
    let image = escape(image);
    let drive = format!("if=none,id=root,format=raw,cache=unsafe,file={image}");
    let device = "virtio-blk-device,drive=root";
    ["-drive", &drive, "-device", device].map(str::to_owned)
}

fn console(log: &Path) -> Vec<String> {
    let file = format!("file,id=console,path={}", escape(log));
    vec![
        "-chardev".into(),
        file,
        "-serial".into(),
        "chardev:console".into(),
    ]
}

fn status_port(file: &Path) -> Vec<String> {
    let file = format!("file,id=status,path={}", escape(file));
    let words = [
        "-device",
        "virtio-serial-device",
        "-chardev",
        &file,
        "-device",
        "virtserialport,chardev=status,name=status",
    ];
    words.map(str::to_owned).to_vec()
}

/// What connects a program in the machine with our stdin and stdout.
fn terminal(job: Job) -> &'static [&'static str] {
    match job {
        Job::Tests | Job::System => &[],
        Job::Command | Job::Stream => &[
            "-chardev",
            "stdio,id=output,signal=off",
            "-device",
            "virtserialport,chardev=output,name=output",
        ],
        // With mux=on, Ctrl-A X ends the machine.
        Job::Terminal => &[
            "-chardev",
            "stdio,id=terminal,signal=off,mux=on",
            "-device",
            "virtconsole,chardev=terminal",
        ],
    }
}

/// A virtio-serial port whose bytes go to a file.
pub(super) fn port(name: &str, file: &Path) -> [String; 4] {
    let backend = format!("file,id={name},path={}", escape(file));
    let device = format!("virtserialport,chardev={name},name={name}");
    ["-chardev".into(), backend, "-device".into(), device]
}

/// A path as the value of an option, where QEMU takes a single comma for the end.
fn escape(path: &Path) -> String {
    path.display().to_string().replace(',', ",,")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comma_in_a_path_is_doubled() {
        assert_eq!(escape(Path::new("/tmp/a,b")), "/tmp/a,,b");
    }

    #[test]
    fn the_dump_describes_the_machine_that_boots() {
        let run = Run::new("test", Arch::Arm64, "Image", "init");
        let dump = dump_device_tree(&run, Path::new("/tmp/a,b.dtb"));
        let words: Vec<_> = dump.get_args().map(|word| word.to_string_lossy()).collect();
        assert_eq!(words[..2], ["-machine", "virt,dumpdtb=/tmp/a,,b.dtb"]);
        assert_eq!(words[2..], hardware(&run));
    }

    #[test]
    fn memory_has_small_pages_unless_huge_ones_are_wanted() {
        let mut run = Run::new("test", Arch::Arm64, "Image", "init");
        assert!(memory(&run).join(" ").contains("memfd"));
        run.huge_pages = true;
        assert_eq!(memory(&run), ["-m", "512"]);
    }

    #[test]
    fn a_disk_is_the_root_and_has_the_init() {
        let mut run = Run::new("test", Arch::Arm64, "Image", "/sbin/init");
        run.disk = Some("root.img".into());
        let line = kernel_command_line(&run);
        assert!(
            line.ends_with(" root=/dev/vda rw init=/sbin/init"),
            "{line}"
        );
    }

    #[test]
    fn parameters_of_the_run_come_last_and_so_win() {
        let mut run = Run::new("test", Arch::X86_64, "bzImage", "init");
        run.parameters = vec!["panic=5".to_owned()];
        let line = kernel_command_line(&run);
        assert!(
            line.starts_with("console=ttyS0 ") && line.ends_with(" panic=5"),
            "{line}"
        );
    }
}
