// SPDX-License-Identifier: GPL-2.0

//! Memory that is freed when a fence of any driver signals.

use super::{
    list::{
        List,
        Node, //
    },
    memory::AddressSpace, //
};
use crate::ext::{
    fence::{
        Fence,
        Notify,
        Waiter, //
    },
    lock::{
        new_mutex,
        Mutex, //
    },
    workqueue, //
};
use kernel::{
    alloc::flags,
    impl_has_delayed_work, new_delayed_work,
    prelude::*,
    sync::{
        Arc,
        ArcBorrow, //
    },
    workqueue::{
        system_unbound,
        DelayedWork,
        WorkItem, //
    },
};

/// The objects of a process that fences will free.
#[pin_data]
pub(super) struct Reaper {
    space: Arc<AddressSpace>,
    #[pin]
    pending: Mutex<List<Pending>>,
    #[pin]
    work: DelayedWork<Self>,
}

/// An object that waits for its fence.
struct Pending {
    waiter: Pin<KBox<Waiter<Reaper>>>,
    id: u32,
}

impl_has_delayed_work! {
    impl HasDelayedWork<Self> for Reaper { self.work }
}

impl Reaper {
    /// A reaper with nothing to do.
    pub(super) fn new(space: Arc<AddressSpace>) -> Result<Arc<Self>> {
        Arc::pin_init(
            pin_init!(Self {
                space,
                pending <- new_mutex!(List::new()),
                work <- new_delayed_work!("kgsl-reaper"),
            }),
            flags::GFP_KERNEL,
        )
    }

    /// Frees an object when the fence behind a descriptor signals.
    ///
    /// Fails with `EINVAL` when the descriptor is none or the object does not exist, and with
    /// `EBUSY` when it is being freed already.
    pub(super) fn free_on_fence(self: &Arc<Self>, id: u32, descriptor: i32) -> Result {
        let fence = Fence::from_descriptor(descriptor)?;
        self.space.begin_free(id)?;
        self.wait_for(fence, id)
            .inspect_err(|_| self.space.cancel_free(id))
    }

    fn wait_for(self: &Arc<Self>, fence: Fence, id: u32) -> Result {
        let waiter = Waiter::new(fence.clone(), self.clone())?;
        let node = Node::new(Pending { waiter, id })?;
        self.pending.lock().push(node);
        if fence.is_signaled() {
            // That may have been before anybody listened.
            self.reap();
        }
        Ok(())
    }

    /// Frees every object whose fence has signaled. The waiters are dropped outside of the lock.
    fn reap(&self) {
        let mut done = self
            .pending
            .lock()
            .take_matching(|one| one.waiter.is_done());
        while let Some(one) = done.pop() {
            // The process may have lost the object meanwhile, with its last file.
            let _ = self.space.free_pending(one.id);
        }
    }

    /// Stops waiting: the memory of the process goes as a whole.
    pub(super) fn stop(self: &Arc<Self>) {
        let pending = self.pending.lock().take_all();
        drop(pending);
        workqueue::disable::<Self, 0>(self);
    }
}

impl Notify for Reaper {
    fn notify(this: ArcBorrow<'_, Self>) {
        // An error returns the reference because the work is queued already. Any queue will do,
        // since `stop` waits.
        let _ = system_unbound().enqueue_delayed(Arc::from(this), 0);
    }
}

impl WorkItem for Reaper {
    type Pointer = Arc<Self>;

    fn run(this: Arc<Self>) {
        this.reap();
    }
}
