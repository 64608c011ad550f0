// SPDX-License-Identifier: GPL-2.0

//! The ioctl numbers against those that 64-bit programs really pass.

use super::{command, context, device, memory, perfcounter, sync, timeline, Ioctl};

fn number<T>(ioctl: Ioctl<T>) -> u32 {
    ioctl.number()
}

#[test]
fn numbers_are_those_of_the_header() {
    let expected = [
        (number(device::DEVICE_GETPROPERTY), 0xc018_0902),
        (number(context::DEVICE_WAITTIMESTAMP_CTXTID), 0x400c_0907),
        (number(command::RINGBUFFER_ISSUEIBCMDS), 0xc020_0910),
        (number(context::DRAWCTXT_CREATE), 0xc008_0913),
        (number(context::DRAWCTXT_DESTROY), 0x4004_0914),
        (number(memory::MAP_USER_MEM), 0xc030_0915),
        (number(context::CMDSTREAM_READTIMESTAMP_CTXTID), 0xc00c_0916),
        (
            number(memory::CMDSTREAM_FREEMEMONTIMESTAMP_CTXTID),
            0x4018_0917,
        ),
        (number(memory::SHAREDMEM_FROM_PMEM), 0xc018_0920),
        (number(memory::SHAREDMEM_FREE), 0x4008_0921),
        (number(memory::SHAREDMEM_FLUSH_CACHE), 0x4008_0924),
        (number(memory::GPUMEM_ALLOC), 0xc018_092f),
        (number(device::SETPROPERTY), 0x4018_0932),
        (number(sync::TIMESTAMP_EVENT), 0xc020_0933),
        (number(memory::GPUMEM_ALLOC_ID), 0xc030_0934),
        (number(memory::GPUMEM_FREE_ID), 0xc008_0935),
        (number(memory::GPUMEM_GET_INFO), 0xc048_0936),
        (number(memory::GPUMEM_SYNC_CACHE), 0x4020_0937),
        (number(perfcounter::PERFCOUNTER_GET), 0xc014_0938),
        (number(perfcounter::PERFCOUNTER_PUT), 0x4010_0939),
        (number(perfcounter::PERFCOUNTER_QUERY), 0xc020_093a),
        (number(perfcounter::PERFCOUNTER_READ), 0xc018_093b),
        (number(memory::GPUMEM_SYNC_CACHE_BULK), 0xc018_093c),
        (number(command::SUBMIT_COMMANDS), 0xc038_093d),
        (number(sync::SYNCSOURCE_CREATE), 0xc010_0940),
        (number(sync::SYNCSOURCE_DESTROY), 0xc010_0941),
        (number(sync::SYNCSOURCE_CREATE_FENCE), 0xc018_0942),
        (number(sync::SYNCSOURCE_SIGNAL_FENCE), 0xc018_0943),
        (number(memory::GPUOBJ_ALLOC), 0xc030_0945),
        (number(memory::GPUOBJ_FREE), 0x4020_0946),
        (number(memory::GPUOBJ_INFO), 0xc030_0947),
        (number(memory::GPUOBJ_IMPORT), 0xc020_0948),
        (number(memory::GPUOBJ_SYNC), 0x4010_0949),
        (number(command::GPU_COMMAND), 0xc040_094a),
        (number(device::PREEMPTIONCOUNTER_QUERY), 0xc018_094b),
        (number(memory::GPUOBJ_SET_INFO), 0x4020_094c),
        (number(memory::GPUMEM_BIND_RANGES), 0xc020_0956),
        (number(command::GPU_AUX_COMMAND), 0xc030_0957),
        (number(timeline::TIMELINE_CREATE), 0xc010_0958),
        (number(timeline::TIMELINE_WAIT), 0x4028_0959),
        (number(timeline::TIMELINE_QUERY), 0xc010_095a),
        (number(timeline::TIMELINE_SIGNAL), 0x4010_095b),
        (number(timeline::TIMELINE_FENCE_GET), 0xc010_095c),
        (number(timeline::TIMELINE_DESTROY), 0x4004_095d),
        (number(command::GET_FAULT_REPORT), 0xc018_095e),
        (number(device::READ_CALIBRATED_TIMESTAMPS), 0xc020_0960),
    ];
    for (computed, expected) in expected {
        assert_eq!(computed, expected, "{computed:#x} is not {expected:#x}");
    }
}
