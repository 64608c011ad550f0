// SPDX-License-Identifier: GPL-2.0

//! Directories and files of debugfs.
//!
//! The kernel crate has some, too, but leaves `file_operations::owner` null: a file that is open
//! while the module is unloaded would be closed by functions that are gone. As everywhere in
//! debugfs, what cannot be created is left out, and nobody is told.
//!
//! C header: `include/linux/debugfs.h`

use super::module::this_module;
use core::{
    mem::MaybeUninit,
    ptr, //
};
use kernel::{
    alloc::flags,
    bindings,
    error::from_err_ptr,
    ffi::{
        c_char,
        c_int,
        c_void, //
    },
    prelude::*,
    seq_file::SeqFile,
    str::CStr,
    sync::Arc, //
};

#[allow(
    improper_ctypes,
    reason = "with some options bindgen's structures hold empty ones, and are only pointed at"
)]
extern "C" {
    fn kgsl_shim_debugfs_directory(
        name: *const c_char,
        parent: *mut bindings::dentry,
    ) -> *mut bindings::dentry;
    fn kgsl_shim_debugfs_file(
        name: *const c_char,
        parent: *mut bindings::dentry,
        data: *mut c_void,
        operations: *const bindings::file_operations,
    ) -> *mut bindings::dentry;
    fn kgsl_shim_debugfs_remove(entry: *mut bindings::dentry);
}

/// A directory, which goes when the last reference to it and to what is in it is dropped.
///
/// # Invariants
///
/// `entry` is a directory of debugfs that only `drop` removes.
pub(crate) struct Directory {
    entry: *mut bindings::dentry,
    _parent: Option<Arc<Directory>>,
}

// SAFETY: A directory of debugfs belongs to no thread.
unsafe impl Send for Directory {}
// SAFETY: Debugfs has locks of its own.
unsafe impl Sync for Directory {}

impl Directory {
    /// Creates a directory, below another one or at the top.
    ///
    /// Fails when there is one of that name, or no debugfs at all.
    pub(crate) fn new(name: &CStr, parent: Option<&Arc<Self>>) -> Result<Arc<Self>> {
        let above = parent.map_or(ptr::null_mut(), |parent| parent.entry);
        // SAFETY: The name ends with a zero and is copied; the parent is valid or null.
        let entry = unsafe { kgsl_shim_debugfs_directory(name.as_char_ptr(), above) };
        let entry = from_err_ptr(entry)?;
        // INVARIANT: The directory was just created, and is known to nobody else.
        let this = Self {
            entry,
            _parent: parent.cloned(),
        };
        Ok(Arc::new(this, flags::GFP_KERNEL)?)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // SAFETY: By the invariant the directory exists; the parent is dropped after this.
        unsafe { kgsl_shim_debugfs_remove(self.entry) };
    }
}

/// Writes what a file says.
pub(crate) type Show<T> = fn(&T, &SeqFile);

/// A file, which goes with the value.
///
/// # Invariants
///
/// `entry` is a file of debugfs that only `drop` removes, and whose private data is `_contents`.
pub(crate) struct File<T: Send + Sync + 'static> {
    entry: *mut bindings::dentry,
    _contents: KBox<Contents<T>>,
    _directory: Arc<Directory>,
}

/// What a file tells of, and how.
struct Contents<T> {
    source: Arc<T>,
    show: Show<T>,
}

// SAFETY: A file of debugfs belongs to no thread, and its source may be sent.
unsafe impl<T: Send + Sync> Send for File<T> {}
// SAFETY: A shared file offers nothing.
unsafe impl<T: Send + Sync> Sync for File<T> {}

impl<T: Send + Sync + 'static> File<T> {
    /// Creates a file that root can read.
    ///
    /// Fails when there is one of that name, or no debugfs at all.
    pub(crate) fn new(
        name: &CStr,
        directory: &Arc<Directory>,
        source: Arc<T>,
        show: Show<T>,
    ) -> Result<Self> {
        let contents = KBox::new(Contents { source, show }, flags::GFP_KERNEL)?;
        let data = ptr::from_ref(&*contents).cast_mut().cast();
        // SAFETY: The name ends with a zero and is copied; the directory exists; the data are what
        // the operations expect, and live until the file is removed.
        let entry = from_err_ptr(unsafe {
            kgsl_shim_debugfs_file(name.as_char_ptr(), directory.entry, data, &Self::OPERATIONS)
        })?;
        // INVARIANT: The file was just created, and is known to nobody else.
        Ok(Self {
            entry,
            _contents: contents,
            _directory: directory.clone(),
        })
    }

    const OPERATIONS: bindings::file_operations = bindings::file_operations {
        owner: this_module(),
        open: Some(open::<T>),
        read: Some(bindings::seq_read),
        llseek: Some(bindings::seq_lseek),
        release: Some(bindings::single_release),
        // SAFETY: All other fields of `file_operations` are nullable pointers and integers, for
        // which zero is valid.
        ..unsafe { MaybeUninit::zeroed().assume_init() }
    };
}

impl<T: Send + Sync> Drop for File<T> {
    fn drop(&mut self) {
        // SAFETY: By the invariant the file exists. This waits for who reads it, and nobody uses the
        // contents after that.
        unsafe { kgsl_shim_debugfs_remove(self.entry) };
    }
}

/// # Safety
///
/// Called by debugfs with a file whose inode has a [`Contents<T>`], and which is not removed
/// meanwhile.
unsafe extern "C" fn open<T: Send + Sync>(
    inode: *mut bindings::inode,
    file: *mut bindings::file,
) -> c_int {
    // SAFETY: The inode is valid, and `show` is called with its data, while the file is not removed.
    unsafe { bindings::single_open(file, Some(show::<T>), (*inode).i_private) }
}

/// # Safety
///
/// Called with a sequence that [`open`] has opened, whose file is not removed meanwhile.
unsafe extern "C" fn show<T: Send + Sync>(
    sequence: *mut bindings::seq_file,
    _: *mut c_void,
) -> c_int {
    // SAFETY: `open` has stored the contents there, which live until the file is removed.
    let contents = unsafe { &*(*sequence).private.cast::<Contents<T>>() };
    // SAFETY: The sequence is valid, and used by this thread only.
    (contents.show)(&contents.source, unsafe { SeqFile::from_raw(sequence) });
    0
}
