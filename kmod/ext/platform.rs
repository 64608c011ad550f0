// SPDX-License-Identifier: GPL-2.0

//! Drivers of platform devices, in the shape that the kernel crate wants in each series.
//!
//! C header: `include/linux/platform_device.h`

#[cfg(not(kernel_at_least_7_3))]
use kernel::bindings;
use kernel::{
    device::{
        Core,
        Device, //
    },
    driver,
    of,
    platform,
    prelude::*,
    str::CStr, //
};

/// What is there of a platform device while the driver is bound to it. Unbinding drops it.
pub(crate) trait Bound: Sized + Send + 'static {
    /// The nodes of the device tree that the driver is for.
    const TABLE: of::IdTable<()>;

    /// A device appears.
    fn probe(device: &Device) -> Result<Self>;
}

/// Declares the constant `$table`: the nodes of the device tree that are compatible with `$compatible`, about which there is
/// nothing else to say.
#[cfg(not(kernel_at_least_7_3))]
macro_rules! of_table {
    ($table:ident, $compatible:expr) => {
        kernel::of_device_table!(
            DEVICE_TABLE,
            MODULE_DEVICE_TABLE,
            (),
            [(kernel::of::DeviceId::new($compatible), ())]
        );

        const $table: kernel::of::IdTable<()> = &$crate::ext::platform::WithoutData(DEVICE_TABLE);
    };
}

/// Declares the constant `$table`: the nodes of the device tree that are compatible with `$compatible`, about which there is
/// nothing else to say.
#[cfg(kernel_at_least_7_3)]
macro_rules! of_table {
    ($table:ident, $compatible:expr) => {
        kernel::of_device_table!(
            DEVICE_TABLE,
            @none,
            [kernel::of::DeviceId::new($compatible)]
        );

        const $table: kernel::of::IdTable<()> = &DEVICE_TABLE;
    };
}

pub(crate) use of_table;

/// A table whose entries say nothing to the driver. The kernel crate's own finds what they say by an
/// index and panics when that is out of range, and no code of this module has a path that panics.
#[cfg(not(kernel_at_least_7_3))]
pub(crate) struct WithoutData<T>(pub(crate) T);

#[cfg(not(kernel_at_least_7_3))]
impl<T: kernel::device_id::IdTable<of::DeviceId, ()>> kernel::device_id::IdTable<of::DeviceId, ()>
    for WithoutData<T>
{
    fn as_ptr(&self) -> *const bindings::of_device_id {
        self.0.as_ptr()
    }

    fn id(&self, index: usize) -> &bindings::of_device_id {
        self.0.id(index)
    }

    fn info(&self, _index: usize) -> &() {
        &()
    }
}

/// A registered driver. Dropping it unbinds it from every device.
pub(crate) struct Registration<T: Bound> {
    _registration: Pin<KBox<driver::Registration<platform::Adapter<Adapter<T>>>>>,
}

impl<T: Bound> Registration<T> {
    /// Registers the driver; devices that are there already are probed before this returns.
    ///
    /// Fails with `EBUSY` when there is a driver of that name, and with `ENOMEM`.
    pub(crate) fn new(name: &'static CStr, module: &'static ThisModule) -> Result<Self> {
        let registration = driver::Registration::new(name, module);
        Ok(Self {
            _registration: KBox::pin_init(registration, GFP_KERNEL)?,
        })
    }
}

/// A driver for the kernel crate.
pub(crate) struct Adapter<T: Bound>(T);

#[cfg(not(kernel_at_least_7_2))]
impl<T: Bound> platform::Driver for Adapter<T> {
    type IdInfo = ();

    const OF_ID_TABLE: Option<of::IdTable<()>> = Some(T::TABLE);

    fn probe(device: &platform::Device<Core>, _info: Option<&()>) -> Result<Pin<KBox<Self>>> {
        let bound = T::probe(device.as_ref())?;
        Ok(KBox::new(Self(bound), GFP_KERNEL)?.into())
    }
}

#[cfg(kernel_at_least_7_2)]
impl<T: Bound> platform::Driver for Adapter<T> {
    type IdInfo = ();
    type Data<'bound> = Self;

    const OF_ID_TABLE: Option<of::IdTable<()>> = Some(T::TABLE);

    fn probe<'bound>(
        device: &'bound platform::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Self, Error> + 'bound {
        T::probe(device.as_ref()).map(Self)
    }
}
