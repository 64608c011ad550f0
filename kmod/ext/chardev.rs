// SPDX-License-Identifier: GPL-2.0

//! A character device in a class of its own.
//!
//! The kernel crate's `MiscDevice` leaves `file_operations::owner` null, so that the module could
//! be unloaded under an open file; it also puts the node into the class `misc`. KGSL's users read
//! `/sys/class/kgsl`.
//!
//! C headers: `include/linux/fs.h`, `include/linux/device/class.h`

use super::{
    device,
    module::this_module,
    shim,
    sysfs::{
        Directory,
        Groups,
        Source, //
    }, //
};
use core::{
    marker::PhantomData,
    mem::MaybeUninit,
    ptr, //
};
use kernel::{
    bindings,
    device::Device,
    error::{
        from_err_ptr,
        to_result, //
    },
    ffi::{
        c_char,
        c_int,
        c_long,
        c_uint,
        c_ulong, //
    },
    mm::virt::VmaNew,
    prelude::*,
    seq_file::SeqFile,
    str::CStr,
    sync::{
        Arc,
        ArcBorrow, //
    },
    types::ForeignOwnable,
    uaccess::{
        UserPtr,
        UserSlice,
        UserSliceWriter, //
    },
};

/// `MAP_FIXED` of `include/uapi/asm-generic/mman-common.h`, which the bindings leave out: the
/// program insists on the address.
const MAP_FIXED: c_ulong = 0x10;

/// What an open file of the device does.
pub(crate) trait FileOperations: Sized + Send + Sync + 'static {
    /// What the device's attributes tell of.
    type Device: Source;

    /// The device's attributes in sysfs.
    const ATTRIBUTES: &'static [Directory<Self::Device>];

    /// The node is opened.
    fn open() -> Result<Arc<Self>>;

    /// The last descriptor of the file is closed.
    fn release(this: Arc<Self>);

    /// `read(2)` at `offset`, in bytes; returns how many bytes were written to `to`.
    fn read(this: ArcBorrow<'_, Self>, to: &mut UserSliceWriter, offset: u64) -> Result<usize>;

    /// `ioctl(2)`; `argument` is what the program passed.
    fn ioctl(this: ArcBorrow<'_, Self>, command: u32, argument: UserPtr) -> Result;

    /// As [`FileOperations::ioctl`], of a 32-bit program.
    fn compat_ioctl(this: ArcBorrow<'_, Self>, command: u32, argument: UserPtr) -> Result;

    /// Chooses where `length` bytes are mapped that `mmap(2)` has asked for with `page_offset`,
    /// near `hint` if it can; `None` leaves the choice to the kernel.
    fn choose_address(
        this: ArcBorrow<'_, Self>,
        hint: usize,
        length: usize,
        page_offset: usize,
    ) -> Result<Option<usize>>;

    /// `mmap(2)`; `vma` is not yet visible.
    fn mmap(this: ArcBorrow<'_, Self>, vma: &VmaNew) -> Result;

    /// Writes what `/proc/PID/fdinfo` says of the file.
    fn show_fdinfo(this: ArcBorrow<'_, Self>, to: &SeqFile);
}

/// A node in `/dev`, its device in sysfs and the class of that.
///
/// # Invariants
///
/// `class` is valid, `major` is a registered region with one minor, 0, and the class holds the
/// device of that number.
pub(crate) struct Registration<T: FileOperations> {
    class: *mut bindings::class,
    major: c_uint,
    operations: PhantomData<fn() -> T>,
    /// The device's attributes, which go with the device.
    _attributes: Groups<T::Device>,
}

// SAFETY: What a registration names is global, and its creation and end are not bound to a thread.
unsafe impl<T: FileOperations> Send for Registration<T> {}
// SAFETY: A shared registration offers no operation.
unsafe impl<T: FileOperations> Sync for Registration<T> {}

impl<T: FileOperations> Registration<T> {
    /// Creates the class and the node, below `parent` in sysfs when there is one. From then on files
    /// may be opened, so this comes last in a module's init or a driver's probe.
    ///
    /// Fails with `EEXIST` when another driver has that class, and with `ENOMEM`.
    pub(crate) fn new(
        class_name: &'static CStr,
        node_name: &'static CStr,
        parent: Option<&Device>,
    ) -> Result<Self> {
        // SAFETY: The name is a static string; the class is destroyed by `UndoClass` or by `drop`.
        let class = from_err_ptr(unsafe { bindings::class_create(class_name.as_char_ptr()) })?;
        let undo_class = UndoClass(class);
        let undo_region = UndoRegion::register(node_name, &Self::OPERATIONS)?;
        let mut attributes = Groups::new(T::ATTRIBUTES)?;
        // SAFETY: The class is valid, the parent is valid or null, the attributes live until `drop`
        // has destroyed the device, and the format is a string without conversions, as the names
        // here are.
        from_err_ptr(unsafe {
            bindings::device_create_with_groups(
                class,
                parent.map_or(ptr::null_mut(), device::as_raw),
                device_number(undo_region.0),
                ptr::null_mut(),
                attributes.as_ptr(),
                node_name.as_char_ptr(),
            )
        })?;
        let major = undo_region.0;
        core::mem::forget((undo_class, undo_region));
        // INVARIANT: All three steps have succeeded, and nothing undoes them but `drop`.
        Ok(Self {
            class,
            major,
            operations: PhantomData,
            _attributes: attributes,
        })
    }

    const OPERATIONS: bindings::file_operations = bindings::file_operations {
        owner: this_module(),
        open: Some(open::<T>),
        release: Some(release::<T>),
        read: Some(read::<T>),
        unlocked_ioctl: Some(ioctl::<T>),
        compat_ioctl: Some(compat_ioctl::<T>),
        get_unmapped_area: Some(get_unmapped_area::<T>),
        mmap: Some(mmap::<T>),
        show_fdinfo: Some(show_fdinfo::<T>),
        // SAFETY: All other fields of `file_operations` are nullable pointers and integers, for
        // which zero is valid.
        ..unsafe { MaybeUninit::zeroed().assume_init() }
    };
}

impl<T: FileOperations> Drop for Registration<T> {
    fn drop(&mut self) {
        // SAFETY: By the invariant the class holds the device.
        unsafe { bindings::device_destroy(self.class, device_number(self.major)) };
        drop(UndoRegion(self.major));
        drop(UndoClass(self.class));
    }
}

/// The number of the only node of `major`: `MKDEV(major, 0)`.
fn device_number(major: c_uint) -> bindings::dev_t {
    const MINOR_BITS: u32 = 20;
    major << MINOR_BITS
}

/// Destroys the class when dropped.
struct UndoClass(*mut bindings::class);

impl Drop for UndoClass {
    fn drop(&mut self) {
        // SAFETY: The class was created by `Registration::new` and is destroyed once.
        unsafe { bindings::class_destroy(self.0) };
    }
}

/// Gives the region of device numbers back when dropped: its major number.
struct UndoRegion(c_uint);

impl UndoRegion {
    /// The one minor number and the name under which the region stands in `/proc/devices`.
    fn register(
        name: &'static CStr,
        operations: &'static bindings::file_operations,
    ) -> Result<Self> {
        // SAFETY: The name and the operations are static.
        let major = unsafe { bindings::__register_chrdev(0, 0, 1, name.as_char_ptr(), operations) };
        to_result(major)?;
        Ok(Self(c_uint::try_from(major).map_err(|_| EINVAL)?))
    }
}

impl Drop for UndoRegion {
    fn drop(&mut self) {
        let name = kernel::c_str!("");
        // SAFETY: The region was registered by `register` and is given back once; the name is
        // unused.
        unsafe { bindings::__unregister_chrdev(self.0, 0, 1, name.as_char_ptr()) };
    }
}

/// The open file behind a `struct file`.
///
/// # Safety
///
/// `file` must be a file that [`open`] has opened and [`release`] has not closed, for as long as
/// the borrow lives.
unsafe fn borrow<'a, T: FileOperations>(file: *mut bindings::file) -> ArcBorrow<'a, T> {
    // SAFETY: By the contract `open` has stored an `Arc<T>` there.
    unsafe { Arc::<T>::borrow((*file).private_data) }
}

/// # Safety
///
/// Called by the VFS with a valid new file.
unsafe extern "C" fn open<T: FileOperations>(
    _inode: *mut bindings::inode,
    file: *mut bindings::file,
) -> c_int {
    match T::open() {
        Ok(this) => {
            // SAFETY: The file is valid, its `private_data` belongs to the driver, and nobody else
            // has it yet.
            unsafe {
                (*file).private_data = this.into_foreign();
                shim::kgsl_shim_note_no_accesses(file);
            }
            0
        }
        Err(error) => error.to_errno(),
    }
}

/// # Safety
///
/// Called by the VFS once, with a file that `open` has opened.
unsafe extern "C" fn release<T: FileOperations>(
    _inode: *mut bindings::inode,
    file: *mut bindings::file,
) -> c_int {
    // SAFETY: `open` has stored an `Arc<T>` there, and no operation on the file runs any more.
    T::release(unsafe { Arc::<T>::from_foreign((*file).private_data) });
    0
}

/// # Safety
///
/// Called by the VFS with a file that `open` has opened, a user buffer and a valid position.
unsafe extern "C" fn read<T: FileOperations>(
    file: *mut bindings::file,
    buffer: *mut c_char,
    length: usize,
    position: *mut bindings::loff_t,
) -> isize {
    // SAFETY: The VFS keeps the file open during the call.
    let this = unsafe { borrow::<T>(file) };
    // SAFETY: The VFS passes a valid position, which nobody else uses during the call.
    let position = unsafe { &mut *position };
    let mut to = UserSlice::new(UserPtr::from_ptr(buffer.cast()), length).writer();
    let Ok(offset) = u64::try_from(*position) else {
        return EINVAL.to_errno() as isize;
    };
    match T::read(this, &mut to, offset) {
        Ok(count) => {
            // CAST: A read moves at most `isize::MAX` bytes, which the VFS ensures.
            *position += count as bindings::loff_t;
            count as isize
        }
        Err(error) => error.to_errno() as isize,
    }
}

/// # Safety
///
/// Called by the VFS with a file that `open` has opened.
unsafe extern "C" fn ioctl<T: FileOperations>(
    file: *mut bindings::file,
    command: c_uint,
    argument: c_ulong,
) -> c_long {
    // SAFETY: The VFS keeps the file open during the call.
    let this = unsafe { borrow::<T>(file) };
    match T::ioctl(this, command, UserPtr::from_addr(argument)) {
        Ok(()) => 0,
        Err(error) => error.to_errno() as c_long,
    }
}

/// # Safety
///
/// Called by the VFS with a file that `open` has opened.
unsafe extern "C" fn compat_ioctl<T: FileOperations>(
    file: *mut bindings::file,
    command: c_uint,
    argument: c_ulong,
) -> c_long {
    // SAFETY: The VFS keeps the file open during the call.
    let this = unsafe { borrow::<T>(file) };
    // On arm64 and x86_64 a 32-bit address is the same address in 64 bits.
    match T::compat_ioctl(this, command, UserPtr::from_addr(argument)) {
        Ok(()) => 0,
        Err(error) => error.to_errno() as c_long,
    }
}

/// # Safety
///
/// Called by the memory manager with a file that `open` has opened and the mmap lock of the current
/// process held.
unsafe extern "C" fn get_unmapped_area<T: FileOperations>(
    file: *mut bindings::file,
    hint: c_ulong,
    length: c_ulong,
    page_offset: c_ulong,
    flags: c_ulong,
) -> c_ulong {
    // SAFETY: The memory manager holds a reference to the file during the call.
    let this = unsafe { borrow::<T>(file) };
    let chosen = match flags & MAP_FIXED {
        0 => T::choose_address(this, hint, length, page_offset),
        _ => Ok(None),
    };
    match chosen {
        Ok(Some(address)) => address,
        // SAFETY: The arguments are those of this call, which the callee continues.
        Ok(None) => unsafe {
            shim::kgsl_shim_default_address(file, hint, length, page_offset, flags)
        },
        // CAST: The kernel's way to return an error as an address.
        Err(error) => error.to_errno() as c_ulong,
    }
}

/// # Safety
///
/// Called by the memory manager with a file that `open` has opened and an area that is being set
/// up.
unsafe extern "C" fn mmap<T: FileOperations>(
    file: *mut bindings::file,
    vma: *mut bindings::vm_area_struct,
) -> c_int {
    // SAFETY: The memory manager holds a reference to the file during the call.
    let this = unsafe { borrow::<T>(file) };
    // SAFETY: The area is being set up, with the mmap lock held for writing, and is not yet
    // visible.
    match T::mmap(this, unsafe { VmaNew::from_raw(vma) }) {
        Ok(()) => 0,
        Err(error) => error.to_errno(),
    }
}

/// # Safety
///
/// Called by procfs with a file that `open` has opened and a sequence to write to.
unsafe extern "C" fn show_fdinfo<T: FileOperations>(
    sequence: *mut bindings::seq_file,
    file: *mut bindings::file,
) {
    // SAFETY: Procfs holds a reference to the file during the call.
    let this = unsafe { borrow::<T>(file) };
    // SAFETY: The sequence is valid, and used by this thread only.
    T::show_fdinfo(this, unsafe { SeqFile::from_raw(sequence) });
}
