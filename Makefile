# SPDX-License-Identifier: GPL-2.0
# Generated from kmod/Cargo.toml by `cargo xtask generate`; do not edit.
#
# Builds kgsl_shim.ko for the kernel in KERNEL_SRC. Whatever else the command line or the environment sets goes to the
# kernel's build system as it is: O=, MO=, ARCH=, CROSS_COMPILE=, LLVM=, CC=, LD=, AR=, RUSTC=, KBUILD_OUTPUT,
# KBUILD_EXTRA_SYMBOLS=, INSTALL_MOD_PATH=.

kbuild = $(MAKE) -C $(KERNEL_SRC) M=$(CURDIR)

# Where the kernel's .config is: apart from its source when it was built with O=.
kernel_build = $(or $(O),$(KBUILD_OUTPUT),$(KERNEL_SRC))
required_options = MODULES RUST SYNC_FILE DMA_SHARED_BUFFER
set_options = $(shell sed -n 's/^CONFIG_\([A-Z0-9_]*\)=[ym]$$/\1/p' '$(kernel_build)/.config')
missing_options = $(addprefix CONFIG_,$(filter-out $(set_options),$(required_options)))

# Compiled crates of the kernel serve the very same rustc only. Kbuild takes RUSTC from the command line only.
rustc = $(if $(filter command,$(origin RUSTC)),$(RUSTC),rustc)
wanted_rustc = $(shell sed -n 's/^CONFIG_RUSTC_VERSION_TEXT="\(.*\)"$$/\1/p' '$(kernel_build)/.config')
found_rustc = $(shell $(rustc) --version 2>&1)

# The module, as soon as it is built; $(wildcard) would remember that it was not.
output = $(or $(MO),$(CURDIR))
built_module = $(shell test -e '$(output)/kgsl_shim.ko' && echo yes)

.PHONY: modules modules_install clean help kernel compiler built

modules: kernel compiler
	+$(kbuild) modules

modules_install: kernel built
	+$(kbuild) modules_install

# Kbuild's own clean removes every object below this directory, cargo's included; this one removes what a build left.
clean:
	$(RM) $(addprefix $(output)/,.kgsl_shim.ko.cmd kgsl_shim.ko .kgsl_shim.o.cmd kgsl_shim.o .kgsl_shim.mod.cmd kgsl_shim.mod .kgsl_shim.mod.c.cmd kgsl_shim.mod.c .kgsl_shim.mod.o.cmd kgsl_shim.mod.o .Module.symvers.cmd Module.symvers .modules.order.cmd modules.order ..module-common.o.cmd .module-common.o kmod/ext/.shim.o.cmd kmod/ext/shim.o kmod/ext/.pages.o.cmd kmod/ext/pages.o kmod/ext/.mapping.o.cmd kmod/ext/mapping.o kmod/ext/.fence.o.cmd kmod/ext/fence.o kmod/ext/.observe.o.cmd kmod/ext/observe.o kmod/ext/.trace.o.cmd kmod/ext/trace.o kmod/ext/.user.o.cmd kmod/ext/user.o kmod/.kgsl_shim_main.o.cmd kmod/kgsl_shim_main.o)

help:
	@echo 'make KERNEL_SRC=DIR [TARGET] [VARIABLE=VALUE ...]'
	@echo '  modules          build kgsl_shim.ko (the default)'
	@echo '  modules_install  install it for the kernel, below INSTALL_MOD_PATH'
	@echo '  clean            remove what the build made'
	@echo '  KERNEL_SRC       the source or build directory of a configured kernel with CONFIG_RUST'
	@echo '  O                its build directory, when that is not KERNEL_SRC'
	@echo '  ARCH, LLVM or CROSS_COMPILE, RUSTC   as the kernel itself was built'
	@echo '`cargo xtask build --kernel-src DIR` finds these out, and checks the kernel before it builds.'

kernel:
	$(if $(KERNEL_SRC),,$(error KERNEL_SRC is not set: name the kernel to build for, such as KERNEL_SRC=/lib/modules/$(shell uname -r)/build))
	$(if $(wildcard $(KERNEL_SRC)/Makefile),,$(error KERNEL_SRC=$(KERNEL_SRC) is not a kernel: no Makefile there; name a kernel's source or build directory))
	$(if $(wildcard $(kernel_build)/.config),,$(error the kernel in $(kernel_build) is not configured: configure and build it, or name its build directory with O=))
	$(if $(missing_options),$(error the kernel in $(kernel_build) lacks $(missing_options): set that in its configuration and rebuild it))
	@:

built: kernel
	$(if $(built_module),,$(error there is no kgsl_shim.ko in $(output): build it first, by the same command without `modules_install`))
	@:

compiler: kernel
	$(if $(subst x$(wanted_rustc),,x$(found_rustc)),$(error the kernel in $(kernel_build) was built by `$(wanted_rustc)`, and $(rustc) is `$(found_rustc)`: name the kernel's own with RUSTC=))
	@:
