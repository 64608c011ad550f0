// SPDX-License-Identifier: GPL-2.0

//! Attributes of a device that can be read in sysfs.
//!
//! C headers: `include/linux/sysfs.h`, `include/linux/device.h`

use core::{
    fmt::{
        self,
        Write, //
    },
    mem::MaybeUninit,
    ptr, //
};
use kernel::{
    alloc::flags,
    bindings,
    ffi::c_char,
    page::PAGE_SIZE,
    prelude::*,
    str::CStr,
    sync::Arc,
    types::Opaque, //
};

#[allow(
    improper_ctypes,
    reason = "with some options bindgen's structures hold empty ones, and are only pointed at"
)]
extern "C" {
    fn kgsl_shim_attribute_init(
        attribute: *mut bindings::device_attribute,
        name: *const c_char,
        show: unsafe extern "C" fn(
            *mut bindings::device,
            *mut bindings::device_attribute,
            *mut c_char,
        ) -> isize,
    );
    fn kgsl_shim_attribute_group_init(
        group: *mut bindings::attribute_group,
        name: *const c_char,
        attributes: *mut *mut bindings::attribute,
    );
}

/// What attributes tell of.
pub(crate) trait Source: Send + Sync + Sized + 'static {
    /// The one there is.
    ///
    /// Fails with `ENODEV` when there is none any more.
    fn get() -> Result<Arc<Self>>;
}

/// The text of an attribute, while it is written: a page at most.
pub(crate) struct Text<'a> {
    room: &'a mut [u8],
    used: usize,
}

impl Write for Text<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.used.checked_add(text.len()).ok_or(fmt::Error)?;
        let room = self.room.get_mut(self.used..end).ok_or(fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.used = end;
        Ok(())
    }
}

/// Writes what an attribute says.
pub(crate) type Show<S> = fn(&S, &mut Text<'_>) -> fmt::Result;

/// A name, and what stands under it.
pub(crate) struct Attribute<S>(pub(crate) &'static CStr, pub(crate) Show<S>);

/// Attributes in the device's own directory, or in one of that name below it.
pub(crate) struct Directory<S: 'static> {
    /// The directory's name; none, where it is the device's own.
    pub(crate) name: Option<&'static CStr>,
    /// What is in it.
    pub(crate) attributes: &'static [Attribute<S>],
}

/// An attribute as the kernel has it, and what we know of it.
#[repr(C)]
struct Entry<S> {
    raw: Opaque<bindings::device_attribute>,
    show: Show<S>,
}

/// A directory as the kernel has it.
///
/// # Invariants
///
/// `list` holds pointers to all of `_entries`, and a null pointer; nothing is added to either.
struct Group<S> {
    _entries: KVec<Entry<S>>,
    list: KVec<*mut bindings::attribute>,
}

/// All attributes of a device.
///
/// # Invariants
///
/// `pointers` holds pointers to all of `raw`, and a null pointer; `raw` points to the lists of
/// `groups`. Nothing is added to any of them.
pub(crate) struct Groups<S> {
    groups: KVec<Group<S>>,
    raw: KVec<Opaque<bindings::attribute_group>>,
    pointers: KVec<*const bindings::attribute_group>,
}

// SAFETY: The pointers lead to what the value owns, and functions belong to no thread.
unsafe impl<S> Send for Groups<S> {}
// SAFETY: A shared value offers nothing but a pointer.
unsafe impl<S> Sync for Groups<S> {}

impl<S: Source> Group<S> {
    fn new(attributes: &'static [Attribute<S>]) -> Result<Self> {
        let mut entries = KVec::with_capacity(attributes.len(), flags::GFP_KERNEL)?;
        for attribute in attributes {
            let entry = Entry {
                raw: Opaque::uninit(),
                show: attribute.1,
            };
            entries.push(entry, flags::GFP_KERNEL)?;
        }
        let mut list = KVec::with_capacity(attributes.len() + 1, flags::GFP_KERNEL)?;
        for (entry, attribute) in entries.iter().zip(attributes) {
            let raw = entry.raw.get();
            // SAFETY: The place is valid for writes, the name is static, and `show` finds the entry
            // round the attribute.
            unsafe { kgsl_shim_attribute_init(raw, attribute.0.as_char_ptr(), show::<S>) };
            // SAFETY: The attribute is initialised.
            list.push(unsafe { &raw mut (*raw).attr }, flags::GFP_KERNEL)?;
        }
        list.push(ptr::null_mut(), flags::GFP_KERNEL)?;
        // INVARIANT: Every entry is in the list, whose last pointer is null.
        Ok(Self {
            _entries: entries,
            list,
        })
    }
}

impl<S: Source> Groups<S> {
    /// The attributes of these directories.
    ///
    /// Fails with `ENOMEM`.
    pub(crate) fn new(directories: &'static [Directory<S>]) -> Result<Self> {
        let mut this = Self {
            groups: KVec::with_capacity(directories.len(), flags::GFP_KERNEL)?,
            raw: KVec::with_capacity(directories.len(), flags::GFP_KERNEL)?,
            pointers: KVec::with_capacity(directories.len() + 1, flags::GFP_KERNEL)?,
        };
        for directory in directories {
            this.groups
                .push(Group::new(directory.attributes)?, flags::GFP_KERNEL)?;
            this.raw.push(Opaque::uninit(), flags::GFP_KERNEL)?;
        }
        for ((raw, group), directory) in this.raw.iter().zip(&mut this.groups).zip(directories) {
            let name = directory
                .name
                .map_or(ptr::null(), |name| name.as_char_ptr());
            // SAFETY: The place is valid for writes, the name is static or null, and the list ends
            // with a null pointer and lives as long as the group.
            unsafe {
                kgsl_shim_attribute_group_init(raw.get(), name, group.list.as_mut_ptr());
            }
            this.pointers
                .push(raw.get().cast_const(), flags::GFP_KERNEL)?;
        }
        this.pointers.push(ptr::null(), flags::GFP_KERNEL)?;
        // INVARIANT: Every group is in the list, whose last pointer is null.
        Ok(this)
    }
}

impl<S> Groups<S> {
    /// A list of groups that ends with a null pointer. It is valid as long as `self`, and the
    /// attributes must be gone by then.
    pub(super) fn as_ptr(&mut self) -> *mut *const bindings::attribute_group {
        self.pointers.as_mut_ptr()
    }
}

/// # Safety
///
/// Called by sysfs with an attribute of a [`Group<S>`] and a page for the text.
unsafe extern "C" fn show<S: Source>(
    _device: *mut bindings::device,
    attribute: *mut bindings::device_attribute,
    page: *mut c_char,
) -> isize {
    // SAFETY: The attribute is the first field of an entry, which lives as long as the attribute.
    let entry = unsafe { &*attribute.cast::<Entry<S>>() };
    // SAFETY: Sysfs passes a page that is ours until we return.
    let page = unsafe { &mut *page.cast::<[MaybeUninit<u8>; PAGE_SIZE]>() };
    page.fill(MaybeUninit::new(0));
    // SAFETY: The page has just been filled.
    let room = unsafe { &mut *ptr::from_mut(page).cast::<[u8; PAGE_SIZE]>() };
    let mut text = Text { room, used: 0 };
    match S::get().map(|source| (entry.show)(&source, &mut text)) {
        // CAST: A page is shorter than that.
        Ok(Ok(())) => text.used as isize,
        Ok(Err(fmt::Error)) => EFBIG.to_errno() as isize,
        Err(error) => error.to_errno() as isize,
    }
}
