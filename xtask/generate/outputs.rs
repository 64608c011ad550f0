// SPDX-License-Identifier: GPL-2.0

//! The generated files. A new one is one more row.

/// A generated file.
pub struct Output {
    /// Its path from the repository's root; a template too.
    pub path: &'static str,
    /// The template of its text; when the text is empty, there is no such file.
    pub template: &'static str,
}

/// What makes the module load at boot.
pub const MODULES_LOAD: Output = Output {
    path: "packaging/modules-load.d/{{ name }}.conf",
    template: include_str!("templates/modules-load.conf.jinja"),
};

/// What modprobe must know.
pub const MODPROBE: Output = Output {
    path: "packaging/modprobe.d/{{ name }}.conf",
    template: include_str!("templates/modprobe.conf.jinja"),
};

/// Where the administrator sets parameters.
pub const OPTIONS: Output = Output {
    path: "packaging/modprobe.d/{{ name }}-options.conf",
    template: include_str!("templates/options.conf.jinja"),
};

/// Who may open the device nodes.
pub const UDEV: Output = Output {
    path: "packaging/udev/60-{{ name }}.rules",
    template: include_str!("templates/udev.rules.jinja"),
};

/// What dkms must know.
pub const DKMS: Output = Output {
    path: "packaging/dkms/dkms.conf",
    template: include_str!("templates/dkms.conf.jinja"),
};

/// Every generated file.
pub const ALL: &[Output] = &[
    Output {
        path: "Makefile",
        template: include_str!("templates/Makefile.jinja"),
    },
    Output {
        path: "Kbuild",
        template: include_str!("templates/Kbuild.jinja"),
    },
    MODULES_LOAD,
    MODPROBE,
    OPTIONS,
    UDEV,
    DKMS,
    Output {
        path: "recipes/conf/layer.conf",
        template: include_str!("templates/yocto/layer.conf.jinja"),
    },
    Output {
        path: "recipes/recipes-kernel/{{ package }}/{{ package }}_git.bb",
        template: include_str!("templates/yocto/module.bb.jinja"),
    },
    Output {
        path: "recipes/recipes-devtools/{{ package }}-xtask/{{ package }}-xtask-native_git.bb",
        template: include_str!("templates/yocto/xtask.bb.jinja"),
    },
    Output {
        path: "recipes/recipes-devtools/{{ package }}-xtask/{{ package }}-xtask-crates.inc",
        template: include_str!("templates/yocto/crates.inc.jinja"),
    },
    Output {
        path: "recipes/dynamic-layers/qcom/recipes-kernel/linux/files/rust-modules.cfg",
        template: include_str!("templates/yocto/rust-modules.cfg.jinja"),
    },
];
