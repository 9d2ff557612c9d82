//! The interrupts of the board, as a PAC has them.

use cortex_m::interrupt::InterruptNumber;
pub use cortex_m_rt::interrupt;

pub const NVIC_PRIO_BITS: u8 = 3;

#[allow(non_camel_case_types)]
#[derive(Clone, Copy, Debug)]
#[repr(u16)]
pub enum Interrupt {
    UART0_RX = 0,
    TIMER0 = 8,
    TIMER1 = 9,
}

pub use Interrupt as interrupt;

// SAFETY: the numbers of the board.
unsafe impl InterruptNumber for Interrupt {
    fn number(self) -> u16 {
        self as u16
    }
}

unsafe extern "C" {
    fn UART0_RX();
    fn TIMER0();
    fn TIMER1();
}

/// A place in the table of interrupts.
#[derive(Clone, Copy)]
pub union Vector {
    handler: unsafe extern "C" fn(),
    reserved: u32,
}

const NONE: Vector = Vector { reserved: 0 };

#[unsafe(link_section = ".vector_table.interrupts")]
#[unsafe(no_mangle)]
pub static __INTERRUPTS: [Vector; 10] = [
    Vector { handler: UART0_RX },
    NONE,
    NONE,
    NONE,
    NONE,
    NONE,
    NONE,
    NONE,
    Vector { handler: TIMER0 },
    Vector { handler: TIMER1 },
];
