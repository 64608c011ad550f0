// SPDX-License-Identifier: GPL-2.0

//! How Mesa is configured: turnip on KGSL and nothing else, so that only the C and C++ libraries are needed.

use std::path::Path;

use crate::arch::Arch;

/// Moves when a driver is built here in another way that the options do not show.
pub(super) const RECIPE: u32 = 1;

/// What ninja builds.
pub(super) const DRIVER: &str = "src/freedreno/vulkan/libvulkan_freedreno.so";

/// Options of `meson setup`. `b_ndebug=false` keeps turnip's own asserts, which a release build leaves out otherwise.
/// Of libraries it needs zlib alone.
pub(super) const OPTIONS: &[&str] = &[
    "--buildtype=release",
    "--wrap-mode=nofallback",
    "-Db_ndebug=false",
    "-Dvulkan-drivers=freedreno",
    "-Dfreedreno-kmds=kgsl",
    "-Dgallium-drivers=",
    "-Dvulkan-layers=",
    "-Dplatforms=",
    "-Dtools=",
    "-Dvideo-codecs=",
    "-Dbuild-tests=false",
    "-Dopengl=false",
    "-Degl=disabled",
    "-Dgbm=disabled",
    "-Dgles1=disabled",
    "-Dgles2=disabled",
    "-Dglx=disabled",
    "-Dlibunwind=disabled",
    "-Dllvm=disabled",
    "-Dshader-cache=disabled",
    "-Dvalgrind=disabled",
    "-Dxmlconfig=disabled",
    "-Dzstd=disabled",
];

/// The compiler for C++ programs of the architecture.
pub(super) fn cpp_compiler(arch: Arch) -> String {
    format!("{}-g++", arch.gnu_triple())
}

/// What meson must know of the machine that the driver is for: its compilers, and where the headers and libraries of
/// `root` are.
pub(super) fn machine_file(arch: Arch, root: &Path) -> String {
    let triple = arch.gnu_triple();
    let family = match arch {
        Arch::Arm64 => "aarch64",
        Arch::X86_64 => "x86_64",
    };
    let root = root.display();
    let (compile, link) = (
        format!("['-I{root}/usr/include']"),
        format!("['-L{root}/usr/lib/{triple}']"),
    );
    format!(
        "[binaries]\nc = '{triple}-gcc'\ncpp = '{triple}-g++'\nar = '{triple}-ar'\nstrip = '{triple}-strip'\n\n\
         [built-in options]\nc_args = {compile}\ncpp_args = {compile}\nc_link_args = {link}\ncpp_link_args = {link}\n\n\
         [host_machine]\nsystem = 'linux'\ncpu_family = '{family}'\ncpu = '{family}'\nendian = 'little'\n"
    )
}
