// SPDX-License-Identifier: GPL-2.0

//! An open file of the device: it owns contexts, and shares the memory of its process.

use super::{
    context::RetiredFence,
    device,
    ioctl,
    memory,
    observe::{
        self,
        Usage, //
    },
    Context,
    Device,
    Process, //
};
use crate::ext::{
    chardev::FileOperations,
    fence::Descriptor,
    lock::{
        new_mutex,
        Mutex, //
    },
    sysfs::Directory, //
};
use kernel::{
    alloc::flags,
    mm::virt::VmaNew,
    prelude::*,
    seq_file::SeqFile,
    sync::{
        Arc,
        ArcBorrow, //
    },
    uaccess::{
        UserPtr,
        UserSliceWriter, //
    },
};

/// Timelines that a file may own, at most.
const TIMELINES_MAX: usize = 65_536;

/// What `read(2)` says, as in the C driver.
const GREETING: &[u8] = b"OH HAI GPU\n";

/// An open file.
#[pin_data]
pub(super) struct File {
    /// Tells it from every other file that the device has had open.
    pub(super) id: u64,
    /// The device that is open.
    pub(super) device: Arc<Device>,
    /// The process that has opened it.
    pub(super) process: Arc<Process>,
    /// What its contexts have had of the GPU.
    pub(super) usage: Arc<Usage>,
    /// The contexts that the file owns.
    #[pin]
    contexts: Mutex<KVec<Arc<Context>>>,
    /// The fence of what has retired in one of them.
    #[pin]
    retired: RetiredFence,
    /// The ids of the timelines that the file owns.
    #[pin]
    timelines: Mutex<KVVec<u32>>,
}

impl FileOperations for File {
    type Device = Device;

    const ATTRIBUTES: &'static [Directory<Device>] = observe::DIRECTORIES;

    fn open() -> Result<Arc<Self>> {
        let device = device::PLACE.get()?;
        let process = device.join()?;
        let undo = (device.clone(), process.clone());
        Self::new(device, process).inspect_err(|_| undo.0.leave(&undo.1))
    }

    fn release(this: Arc<Self>) {
        this.device.forget_file(&this);
        this.end();
        this.device.leave(&this.process);
    }

    fn read(this: ArcBorrow<'_, Self>, to: &mut UserSliceWriter, offset: u64) -> Result<usize> {
        this.device.check_plugged()?;
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let rest = GREETING.get(start..).unwrap_or_default();
        let rest = rest.get(..to.len()).unwrap_or(rest);
        to.write_slice(rest)?;
        Ok(rest.len())
    }

    fn ioctl(this: ArcBorrow<'_, Self>, command: u32, argument: UserPtr) -> Result {
        ioctl::dispatch(&this, command, argument)
    }

    fn compat_ioctl(this: ArcBorrow<'_, Self>, command: u32, argument: UserPtr) -> Result {
        ioctl::dispatch_compat(&this, command, argument)
    }

    fn choose_address(
        this: ArcBorrow<'_, Self>,
        hint: usize,
        length: usize,
        page_offset: usize,
    ) -> Result<Option<usize>> {
        memory::choose_address(&this, hint, length, page_offset)
    }

    fn mmap(this: ArcBorrow<'_, Self>, vma: &VmaNew) -> Result {
        this.device.check_plugged()?;
        memory::map(&this, vma)
    }

    fn show_fdinfo(this: ArcBorrow<'_, Self>, to: &SeqFile) {
        observe::fdinfo::show(&this, to);
    }
}

impl File {
    /// A file that the device knows.
    ///
    /// Fails with `ENODEV` when the device is unplugged, and with `ENOMEM`.
    fn new(device: Arc<Device>, process: Arc<Process>) -> Result<Arc<Self>> {
        let usage = Usage::new()?;
        let file = Arc::pin_init(
            pin_init!(Self {
                id: device.next_file_id(),
                device,
                process,
                usage,
                contexts <- new_mutex!(KVec::new()),
                retired <- RetiredFence::new(),
                timelines <- new_mutex!(KVVec::new()),
            }),
            flags::GFP_KERNEL,
        )?;
        file.device.note_file(&file)?;
        Ok(file)
    }

    /// Ends everything that the file owns.
    pub(super) fn end(&self) {
        let contexts = core::mem::take(&mut *self.contexts.lock());
        for context in contexts {
            context.end();
        }
        let timelines = core::mem::take(&mut *self.timelines.lock());
        for id in timelines {
            // The file owns it, so that nobody else has destroyed it.
            let _ = self.device.timelines.destroy(self.id, id);
        }
        self.device.perfcounters.forget(self.id);
    }

    /// Creates a context that the file owns, and returns its id.
    ///
    /// Fails with `ENOSPC` when the process has as many as it may, or the device has no id left.
    pub(super) fn create_context(&self, flags: u32) -> Result<Arc<Context>> {
        let context = Context::new(self, flags)?;
        context.appear();
        self.adopt(&context).inspect_err(|_| context.end())?;
        Ok(context)
    }

    /// Makes a context visible and the file its owner.
    fn adopt(&self, context: &Arc<Context>) -> Result {
        let mut contexts = self.contexts.lock();
        self.device.check_plugged()?;
        contexts.reserve(1, flags::GFP_KERNEL)?;
        self.device.publish(context.clone())?;
        contexts.push(context.clone(), flags::GFP_KERNEL)?;
        Ok(())
    }

    /// Ends a context that the file owns.
    ///
    /// Fails with `EINVAL` when it owns none of that id.
    pub(super) fn destroy_context(&self, id: u32) -> Result {
        let mut contexts = self.contexts.lock();
        let index = contexts
            .iter()
            .position(|context| context.id == id)
            .ok_or(EINVAL)?;
        let context = contexts.remove(index).map_err(|_| EINVAL)?;
        drop(contexts);
        context.drain();
        context.end();
        Ok(())
    }

    /// Creates a timeline that the file owns, and returns its id.
    ///
    /// Fails with `ENOSPC` when it owns too many.
    pub(super) fn create_timeline(&self, value: u64) -> Result<u32> {
        let mut timelines = self.timelines.lock();
        self.device.check_plugged()?;
        if timelines.len() >= TIMELINES_MAX {
            return Err(ENOSPC);
        }
        timelines.reserve(1, flags::GFP_KERNEL_ACCOUNT)?;
        let id = self.device.timelines.create(self.id, value)?;
        timelines.push(id, flags::GFP_KERNEL)?;
        Ok(id)
    }

    /// Destroys a timeline that the file owns.
    ///
    /// Fails with `ENODEV` for an unknown id, and with `EINVAL` when another file owns it.
    pub(super) fn destroy_timeline(&self, id: u32) -> Result {
        self.device.timelines.destroy(self.id, id)?;
        let mut timelines = self.timelines.lock();
        if let Some(index) = timelines.iter().position(|&other| other == id) {
            let _ = timelines.remove(index);
        }
        Ok(())
    }

    /// Whether its context of that id has retired a timestamp; `false`, too, where only the context
    /// itself can tell.
    pub(super) fn has_retired(&self, id: u32, timestamp: u32) -> bool {
        self.device.contexts.has_retired(id, self.id, timestamp)
    }

    /// A sync_file for a timestamp of its context of that id.
    ///
    /// Fails with `EINVAL` when the file owns no such context, and as [`Context::fence`] and
    /// [`Fence::to_descriptor`](crate::ext::fence::Fence::to_descriptor) do.
    pub(super) fn fence_descriptor(&self, id: u32, timestamp: u32) -> Result<Descriptor> {
        match self.device.contexts.retired(id, self.id, timestamp) {
            Some(retired) => self.retired.descriptor(id, timestamp, retired),
            None => self.context(id)?.fence(timestamp)?.to_descriptor(),
        }
    }

    /// The context of that id, if the file owns it.
    ///
    /// Fails with `EINVAL` otherwise.
    #[inline]
    pub(super) fn context(&self, id: u32) -> Result<Arc<Context>> {
        let context = self.device.context(id)?;
        match context.is_owned_by(self) {
            true => Ok(context),
            false => Err(EINVAL),
        }
    }
}
