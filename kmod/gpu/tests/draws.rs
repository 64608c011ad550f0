// SPDX-License-Identifier: GPL-2.0

//! Draws: their states, their predicates, and that they are counted or refused.

use super::machine::{low, packet, store, Machine, CALLED, DATA};
use crate::gpu::fault::Cause;
use crate::gpu::opcode::Opcode as O;

#[test]
fn draw_states_run_before_the_draw_that_needs_them() {
    let mut machine = Machine::new("a660");
    let groups = [store(DATA, 1), store(DATA + 4, 2), store(DATA + 8, 3)];
    for (index, group) in (0..).zip(&groups) {
        machine.place(CALLED + index * 0x100, group);
    }
    let group =
        |number: u32, flags: u32| [4 | flags | (number << 24), low(CALLED) + number * 0x100, 0];
    let (binning, sysmem) = (1 << 20, 1 << 22);
    let draw = packet(O::DrawIndxOffset, &[0, 1, 3]);
    let operands = [group(0, sysmem), group(1, binning), group(2, sysmem)].concat();
    let stream = [
        packet(O::SetMarker, &[1]),
        packet(O::SetDrawState, &operands),
    ]
    .concat();
    machine.complete(&stream);
    assert_eq!([0, 4, 8].map(|offset| machine.dword(DATA + offset)), [0; 3]);
    machine.complete(&draw);
    assert_eq!(
        [0, 4, 8].map(|offset| machine.dword(DATA + offset)),
        [1, 0, 3]
    );
    // Clean groups do not run again; the dirty one does once its mode comes.
    machine.place(DATA, &[0; 3]);
    machine.complete(&draw);
    assert_eq!([0, 4, 8].map(|offset| machine.dword(DATA + offset)), [0; 3]);
    machine.complete(&[packet(O::SetMarker, &[2]), draw.clone()].concat());
    assert_eq!(
        [0, 4, 8].map(|offset| machine.dword(DATA + offset)),
        [0, 2, 0]
    );
    let disable = packet(O::SetDrawState, &[1 << 18, 0, 0]);
    let again = packet(O::SetDrawState, &group(0, binning));
    machine.place(DATA, &[0; 3]);
    machine.complete(&[again, disable, draw].concat());
    assert_eq!(machine.dword(DATA), 0);
    assert_eq!(machine.processor.counters().draws_skipped, 4);
}

#[test]
fn draw_states_can_run_at_once() {
    for stream in [
        packet(
            O::SetDrawState,
            &[4 | (1 << 19) | (7 << 20), low(CALLED), 0],
        ),
        [
            packet(O::SetMode, &[1]),
            packet(O::SetDrawState, &[4 | (7 << 20), low(CALLED), 0]),
        ]
        .concat(),
    ] {
        let mut machine = Machine::new("a660");
        machine.place(CALLED, &store(DATA, 9));
        machine.complete(&stream);
        assert_eq!(machine.dword(DATA), 9);
    }
}

#[test]
fn draws_and_dispatches_are_counted_or_refused() {
    let draws = [
        packet(O::DrawIndx, &[0; 5]),
        packet(O::DrawAuto, &[0; 6]),
        packet(O::DrawIndirect, &[0; 3]),
        packet(O::DrawIndxIndirect, &[0; 6]),
        packet(O::DrawIndirectMulti, &[0; 6]),
        packet(O::DrawIndxOffset, &[0; 7]),
    ];
    let grids = [
        packet(O::ExecCs, &[0; 4]),
        packet(O::ExecCsIndirect, &[0; 4]),
        packet(O::RunOpencl, &[0]),
    ];
    let mut machine = Machine::new("a660");
    machine.complete(&[draws.concat(), grids.concat()].concat());
    assert_eq!(machine.processor.counters().draws_skipped, 6);
    assert_eq!(machine.processor.counters().dispatches_skipped, 3);
    machine.configuration.strict = true;
    for stream in draws.iter().chain(&grids) {
        let fault = machine.fault(stream);
        assert!(matches!(fault.cause, Cause::ShaderCore(_)), "{fault}");
    }
}

#[test]
fn a_predicate_turns_draws_off() {
    let mut machine = Machine::new("a660");
    machine.configuration.strict = true;
    let draw = packet(O::DrawIndxOffset, &[0, 1, 3]);
    let on = packet(O::DrawPredEnableGlobal, &[1]);
    let zero_passes = packet(O::DrawPredSet, &[(5 << 4) | (1 << 8), low(DATA), 0]);
    let other_passes = packet(O::DrawPredSet, &[5 << 4, low(DATA), 0]);
    machine.complete(&[on.clone(), other_passes.clone(), draw.clone()].concat());
    assert_eq!(machine.processor.counters().predicated, 1);
    let local = packet(O::DrawPredEnableLocal, &[0]);
    machine.fault(&[on.clone(), other_passes.clone(), local, draw.clone()].concat());
    machine.fault(&[on.clone(), zero_passes.clone(), draw.clone()].concat());
    machine.place(DATA + 4, &[1]);
    machine.fault(&[on.clone(), other_passes, draw.clone()].concat());
    machine.complete(&[on.clone(), zero_passes.clone(), draw.clone()].concat());
    let off = packet(O::DrawPredEnableGlobal, &[0]);
    machine.fault(&[on, zero_passes, off, draw].concat());
}

#[test]
fn a_draw_table_is_a_run_of_buffers() {
    let mut machine = Machine::new("a740");
    let draw = packet(O::DrawIndxOffset, &[0, 1, 3]);
    machine.place(CALLED, &[draw.clone(), draw.clone(), draw].concat());
    machine.complete(&packet(
        O::FixedStrideDrawTable,
        &[low(CALLED), 0, (4 << 20) | 12, 3],
    ));
    assert_eq!(machine.processor.counters().draws_skipped, 3);
}
