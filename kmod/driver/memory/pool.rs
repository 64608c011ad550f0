// SPDX-License-Identifier: GPL-2.0

//! Pages that a process has freed, kept for a moment for its next object of that size.
//!
//! Each process has a pool of its own: its pages are charged to its control group, and they never
//! come into another process but by way of the kernel. What nobody has wanted for two periods goes
//! back to the kernel, and so does everything when the process closes the device, when an
//! allocation fails, and when the kernel asks. Pages that somebody else has, too, do not come in.
//!
//! Pages are kept as they were, in the order of their contents and with the list of them: neither
//! keeping nor handing out takes memory, or time that depends on their size. What was written is
//! made zero by a work where it is much, and else by who gets it.

use super::{
    kept::{
        Contents,
        PoolUsage, //
    },
    pools::Pools, //
};
use crate::ext::{
    lock::{
        new_spinlock,
        SpinLock, //
    },
    pages::{
        Pages,
        Retired, //
    },
    shrinker::Reclaim,
    task,
    workqueue, //
};
use kernel::{
    alloc::flags,
    impl_has_delayed_work, new_delayed_work,
    page::PAGE_SHIFT,
    prelude::*,
    sync::Arc,
    time::{
        msecs_to_jiffies,
        Msecs, //
    },
    workqueue::{
        system_unbound,
        DelayedWork,
        WorkItem, //
    },
};

/// How long a period is, in milliseconds.
const PERIOD: Msecs = 100;

/// The works of a pool.
const EXPIRY: u64 = 0;
const CLEANING: u64 = 1;

/// The pool of a process.
#[pin_data]
pub(crate) struct PagePool {
    pools: Arc<Pools>,
    /// Whether works make pages zero: there is a CPU for them.
    background: bool,
    #[pin]
    contents: SpinLock<Contents>,
    #[pin]
    expiry: DelayedWork<Self, EXPIRY>,
    #[pin]
    cleaning: DelayedWork<Self, CLEANING>,
}

impl_has_delayed_work! {
    impl HasDelayedWork<Self, EXPIRY> for PagePool { self.expiry }
    impl HasDelayedWork<Self, CLEANING> for PagePool { self.cleaning }
}

impl PagePool {
    /// A pool that keeps nothing yet.
    ///
    /// Fails with `ENOMEM`, and with `ENODEV` when the module goes.
    pub(crate) fn new() -> Result<Arc<Self>> {
        let pools = Pools::get()?;
        let contents = Contents::new()?;
        Arc::pin_init(
            pin_init!(Self {
                pools,
                background: task::online_cpus() > 1,
                contents <- new_spinlock!(contents),
                expiry <- new_delayed_work!("kgsl-pool-expiry"),
                cleaning <- new_delayed_work!("kgsl-pool-cleaning"),
            }),
            flags::GFP_KERNEL,
        )
    }

    /// Keeps pages from now on, until [`PagePool::close`], unless there is no memory to note the
    /// pool.
    pub(crate) fn open(self: &Arc<Self>) {
        if self.pools.add(self.clone()).is_ok() {
            self.contents.lock().open = true;
        }
    }

    /// Frees what it has, and keeps nothing any more. Waits for the works.
    pub(crate) fn close(self: &Arc<Self>) {
        self.contents.lock().open = false;
        while let Some(pages) = self.take_oldest() {
            drop(pages);
        }
        workqueue::disable::<Self, EXPIRY>(self);
        workqueue::disable::<Self, CLEANING>(self);
        self.pools.remove(self);
    }

    /// `size` bytes of zeroed pages: its own, or else the kernel's.
    ///
    /// Fails with `ENOMEM` when there are none with all pools empty, and with `EINTR` when the
    /// calling thread was killed meanwhile.
    pub(super) fn allocate(&self, size: usize) -> Result<Pages> {
        let kept = self.contents.lock().reuse(size, &self.pools);
        match kept {
            Some(Retired::Clean(clean)) => Ok(clean.into_pages()),
            Some(Retired::Dirty(dirty)) => Ok(dirty.clean().into_pages()),
            None => self.allocate_anew(size >> PAGE_SHIFT),
        }
    }

    fn allocate_anew(&self, count: usize) -> Result<Pages> {
        match Pages::new(count) {
            Err(error) if error == ENOMEM && self.reclaim() => Pages::new(count),
            result => result,
        }
    }

    /// Empties all pools, and waits for what the works of this one have in hand. Returns whether
    /// there was anything.
    fn reclaim(&self) -> bool {
        let reclaimed = self.pools.reclaim(usize::MAX) > 0;
        let in_hand = self.contents.lock().has_any();
        if in_hand {
            workqueue::flush::<Self, EXPIRY>(self);
            workqueue::flush::<Self, CLEANING>(self);
            self.pools.reclaim(usize::MAX);
        }
        reclaimed || in_hand
    }

    /// Keeps pages that were used, if it may, or frees them.
    pub(super) fn give_back(self: &Arc<Self>, pages: Pages) {
        let Some(retired) = pages.retire() else {
            return;
        };
        if !retired.group_has_room(self.pools.limit_of_one) {
            return;
        }
        let kept = self
            .contents
            .lock()
            .keep(retired, &self.pools, self.background);
        // What is refused is freed outside of the lock.
        let Ok(chores) = kept else {
            return;
        };
        // An error returns the reference: the pool was closed meanwhile. Any queue will do, since
        // `close` waits.
        if chores.expire {
            self.enqueue_expiry();
        }
        if chores.clean {
            let _ = system_unbound().enqueue_delayed::<_, CLEANING>(self.clone(), 0);
        }
    }

    /// Has the period end.
    fn enqueue_expiry(self: &Arc<Self>) {
        let period = msecs_to_jiffies(PERIOD);
        let _ = system_unbound().enqueue_delayed::<_, EXPIRY>(self.clone(), period);
    }

    /// Takes pages out that came long ago.
    pub(super) fn take_oldest(&self) -> Option<Retired> {
        self.contents.lock().take_oldest(&self.pools)
    }

    /// How much it has.
    pub(crate) fn usage(&self) -> PoolUsage {
        self.contents.lock().usage()
    }
}

impl WorkItem<EXPIRY> for PagePool {
    type Pointer = Arc<Self>;

    fn run(this: Arc<Self>) {
        this.contents.lock().end_period();
        loop {
            let Some(pages) = this.contents.lock().take_expired() else {
                break;
            };
            let size = pages.size();
            drop(pages);
            // Not before: who is out of memory waits for us as long as they count.
            this.contents.lock().count_out(size, &this.pools);
        }
        if this.contents.lock().begin_period() {
            this.enqueue_expiry();
        }
    }
}

impl WorkItem<CLEANING> for PagePool {
    type Pointer = Arc<Self>;

    fn run(this: Arc<Self>) {
        loop {
            let begun = this.contents.lock().begin_cleaning();
            let Some((dirty, since)) = begun else {
                break;
            };
            let clean = dirty.clean();
            let refused = this.contents.lock().end_cleaning(clean, since, &this.pools);
            drop(refused);
        }
    }
}
