//! Embassy: a task that shows the board, asleep from edge to edge; another task raises a fault, which wakes it. The board is behind a
//! mutex that both tasks take for a moment.
#![no_std]
#![no_main]

use core::cell::RefCell;

use board::device::interrupt;
use board::{Light, advance, changes, clear_timer1, end, init, now_us, start_timer1, wake};
use cortex_m_semihosting::hprintln;
use critical_section::Mutex;
use embassy_executor::Spawner;
use embassy_time::{Duration, Instant, Ticker, with_deadline};
use led_codes::light::{ActiveHigh, PinLight};
use led_codes::{Board, Dialect, Driver, Flash, Id, Legend, Marks, Severity, asynch};
use led_codes::{code, dark, entry, healthy, solid};
use panic_halt as _;

/// Ten times as fast as people can read: nobody watches this board.
const DIALECT: Dialect =
    Dialect::digits(Flash::new(25, 25), 100, 250).beyond_people().marks(Marks {
        first_out: Flash::new(75, 50).times(1, 100),
        before_reset: Flash::new(75, 50).times(2, 100),
    });

#[rustfmt::skip]
static LEGEND: Legend<1> = Legend::new(
    DIALECT,
    healthy(Flash::new(50, 50).once(), "Running, no fault"),
    dark("No power, or the program hangs", "Measure 24 V at X1"),
    solid("The program hangs", "Switch off and on; read the record"),
    [entry(code(1, 2), Severity::High, "can-bus", "No drive answers", "Check the plug at X4")],
);
const CAN_BUS: Id<1> = LEGEND.id("can-bus");

static BOARD: Mutex<RefCell<Board<'static, 1>>> = Mutex::new(RefCell::new(Board::new(&LEGEND)));

/// Whether somebody changed the board.
static CHANGED: changed::Changed = changed::Changed::new();

#[interrupt]
fn TIMER1() {
    clear_timer1();
    wake();
}

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    init();
    start_timer1(500);
    let (Ok(show), Ok(work)) = (show(), work()) else { end(false) };
    spawner.spawn(show);
    spawner.spawn(work);
}

#[embassy_executor::task]
async fn show() {
    let mut light = PinLight::<_, ActiveHigh>::new(Light::<0>);
    // A greeting, before the board is shown: the delay alone is awaited.
    let greeting = led_codes::Pattern::new(&[Flash::new(10, 10).times(2, 30)]);
    let Ok(()) = asynch::play(&mut light, &mut embassy_time::Delay, &greeting, 1).await;
    let started =
        critical_section::with(|cs| Driver::start(light, &mut *BOARD.borrow_ref_mut(cs), now_us()));
    let Ok(mut light) = started else { end(false) };
    let mut polls = 0;
    loop {
        advance();
        polls += 1;
        let next_us =
            critical_section::with(|cs| light.poll(&mut *BOARD.borrow_ref_mut(cs), now_us()));
        let Ok(next_us) = next_us;
        if now_us() > 900_000 {
            let flashes = changes().filter(|change| change.is_on).count();
            hprintln!("{} flashes in {} polls", flashes, polls);
            // A greeting of 2, healthy 3 times, the fault with its mark, and its mark again.
            end(flashes == 2 + 3 + 4 + 1 && polls < 20);
        }
        match next_us {
            Some(next_us) => {
                let _ = with_deadline(Instant::from_micros(next_us), CHANGED.wait()).await;
            }
            None => CHANGED.wait().await,
        }
    }
}

#[embassy_executor::task]
async fn work() {
    let mut ticker = Ticker::every(Duration::from_millis(5));
    for turn in 0_u32.. {
        if turn == 60 {
            critical_section::with(|cs| BOARD.borrow_ref_mut(cs).raise(CAN_BUS, now_us()));
            CHANGED.tell();
        }
        ticker.next().await;
    }
}

/// A flag that a task waits for.
mod changed {
    use core::cell::{Cell, RefCell};
    use core::future::poll_fn;
    use core::task::{Poll, Waker};

    use critical_section::Mutex;

    pub struct Changed(Mutex<(Cell<bool>, RefCell<Option<Waker>>)>);

    impl Changed {
        pub const fn new() -> Self {
            Self(Mutex::new((Cell::new(false), RefCell::new(None))))
        }

        pub fn tell(&self) {
            critical_section::with(|cs| {
                let (is_told, waker) = self.0.borrow(cs);
                is_told.set(true);
                if let Some(waker) = waker.borrow_mut().take() {
                    waker.wake();
                }
            });
        }

        pub async fn wait(&self) {
            poll_fn(|context| {
                critical_section::with(|cs| {
                    let (is_told, waker) = self.0.borrow(cs);
                    if is_told.take() {
                        return Poll::Ready(());
                    }
                    waker.replace(Some(context.waker().clone()));
                    Poll::Pending
                })
            })
            .await;
        }
    }
}
